"""Measures what reading GitHub's answers costs: ``make bench-github``.

urllib3's connection sends nothing and answers at once, so what is left is the hook's own work. Each figure is the least
of several rounds, hooked minus bare, in microseconds; the memory is what a million answers leave behind.
"""

from __future__ import annotations

import argparse
import gc
import json
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.connection import HTTPConnection

from otelmon.hooks.urllib3 import hook
from otelmon.registry import HookRegistry
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

GITHUB, OTHER = "api.github.com", "api.example.com"
ROUNDS, CALLS = 7, 20_000
PATHS = [f"/repos/octo/cat-{number}/issues?page=2" for number in range(500)]
TOKEN = {"authorization": "Bearer ghp_0123456789012345678901234567890123456", "accept": "application/vnd.github+json"}
# As api.github.com sends them.
OTHERS = {
    "server": "github.com",
    "content-type": "application/json; charset=utf-8",
    "cache-control": "private, max-age=60, s-maxage=60",
    "vary": "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, Accept, X-Requested-With",
    "x-oauth-scopes": "repo",
    "x-accepted-oauth-scopes": "",
    "x-github-media-type": "github.v3; format=json",
    "x-github-api-version-selected": "2022-11-28",
    "access-control-expose-headers": "ETag, Link, Location, Retry-After, X-GitHub-OTP",
    "access-control-allow-origin": "*",
    "strict-transport-security": "max-age=31536000; includeSubdomains; preload",
    "x-frame-options": "deny",
    "x-content-type-options": "nosniff",
    "x-xss-protection": "0",
    "referrer-policy": "origin-when-cross-origin, strict-origin-when-cross-origin",
    "content-security-policy": "default-src 'none'",
    "transfer-encoding": "chunked",
    "x-github-request-id": "0A1B:2C3D:4E5F60:7A8B9C:66D0E1F2",
}


class Answers:
    """Makes the answers of one budget, each with one more spent."""

    def __init__(self) -> None:
        self._used = 0
        self._reset = int(time.time()) + 3600
        self._date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())

    def next(self) -> HTTPResponse:
        """Returns the next answer."""
        self._used += 1
        limits = {"limit": 5_000_000, "remaining": 5_000_000 - self._used, "used": self._used, "reset": self._reset}
        headers = HTTPHeaderDict({**OTHERS, "date": self._date, "etag": f'W/"{self._used}"'})
        headers.update({f"X-RateLimit-{name.title()}": str(value) for name, value in limits.items()})
        headers["X-RateLimit-Resource"] = "core"
        return HTTPResponse(b"", headers, 200, preload_content=False)


def seconds(host: str, answers: list[HTTPResponse]) -> float:
    """Returns the time of one call over all answers."""
    connection = HTTPConnection(host)
    coming = iter(answers)
    connection.__dict__["bench_next"] = coming.__next__
    began = time.perf_counter()
    for number in range(len(answers)):
        connection.request("GET", PATHS[number % 500], headers=TOKEN)
        connection.getresponse()
    return (time.perf_counter() - began) / len(answers)


def measured(install: Callable[[], Callable[[], None]]) -> dict[str, float]:
    """Returns microseconds per call by host, the hook's own share."""
    figures = {}
    source = Answers()
    for name, host in (("github", GITHUB), ("other", OTHER)):
        bare, hooked = [], []
        for _ in range(ROUNDS):
            answers = [source.next() for _ in range(CALLS)]
            bare.append(seconds(host, answers))
            undo = install()
            hooked.append(seconds(host, answers))
            undo()
        figures[name] = (min(hooked) - min(bare)) * 1e6
    return figures


def growth(answers: int) -> float:
    """Returns the kibibytes that a number of answers leave behind, after a tenth of them has warmed the tables."""
    undo = hook.install(HookRegistry(Settings()))
    source = Answers()
    try:
        run(source, answers // 10)
        tracemalloc.start()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        run(source, answers)
        gc.collect()
        return (tracemalloc.get_traced_memory()[0] - before) / 1024
    finally:
        tracemalloc.stop()
        undo()


def run(source: Answers, answers: int) -> None:
    """Lets answers pass by, a thousand at a time."""
    for _ in range(max(1, answers // 1000)):
        seconds(GITHUB, [source.next() for _ in range(1000)])


def without_network() -> None:
    """Lets urllib3's connection send nothing and answer what it is given."""

    def request(_self: object, *_: object, **__: object) -> None:
        return None

    def getresponse(self: Any) -> HTTPResponse:  # noqa: ANN401 - the connection with the answers on it
        answer: HTTPResponse = self.bench_next()
        return answer

    HTTPConnection.request = request  # type: ignore[method-assign]
    HTTPConnection.getresponse = getresponse  # type: ignore[method-assign]


def main() -> None:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.github_answers", description=__doc__)
    parser.add_argument("--answers", type=int, default=1_000_000, help="answers of the memory run (1,000,000)")
    given = parser.parse_args()
    without_network()
    figures = measured(lambda: hook.install(HookRegistry(Settings())))
    report = {
        "us_per_github_answer": round(figures["github"], 2),
        "us_per_other_request": round(figures["other"], 2),
        "kib_left_by_answers": round(growth(given.answers), 1) if given.answers else None,
        "answers": given.answers,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
