"""Measures what reading GitHub's answers costs: ``make bench-github``.

urllib3's connection sends nothing and answers at once, so what is left is the hook's own work. Each figure is the least
of many short rounds, hooked minus bare in turns, in microseconds of processor time of the thread, which other work on
the machine disturbs least; the memory is what a million answers leave behind, and its slope over their second half.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind
from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.connection import HTTPConnection

from otelmon.hooks.urllib3 import hook
from otelmon.registry import HookRegistry
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

GITHUB, OTHER = "api.github.com", "api.example.com"
ROUNDS, CALLS = 800, 50
PATHS = [f"/repos/octo/cat-{number}/issues?page=2" for number in range(50)]
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


def seconds(host: str, answers: list[HTTPResponse], paths: Iterable[str]) -> float:
    """Returns the time of one call over all answers."""
    connection = HTTPConnection(host)
    coming = iter(answers)
    connection.__dict__["bench_next"] = coming.__next__
    began = time.thread_time_ns()
    for path, _ in zip(paths, answers, strict=False):
        connection.request("GET", path, headers=TOKEN)
        connection.getresponse()
    return (time.thread_time_ns() - began) / 1e9 / len(answers)


def measured(install: Callable[[], Callable[[], None]], host: str, paths: Callable[[], list[str]]) -> float:
    """Returns microseconds per call, the hook's own share."""
    source, bare, hooked = Answers(), [], []
    for _ in range(ROUNDS):
        answers = [source.next() for _ in range(CALLS)]
        asked = paths()
        bare.append(seconds(host, answers, asked))
        undo = install()
        # Tables are filled in the first answers of a process.
        seconds(host, [source.next() for _ in PATHS], PATHS)
        hooked.append(seconds(host, answers, asked))
        undo()
    return (min(hooked) - min(bare)) * 1e6


def new_paths() -> list[str]:
    """Returns paths of repositories that were never asked for before."""
    return [f"/repos/octo/new-{next(_numbers)}/issues?page=2" for _ in range(CALLS)]


_numbers = itertools.count()


def growth(answers: int) -> tuple[float, float]:
    """Returns what answers leave behind once a tenth of as many has warmed the tables.

    Kibibytes after all of them, and kibibytes for each hundred thousand in their second half.
    """
    undo = hook.install(HookRegistry(Settings()))
    source = Answers()
    try:
        run(source, answers // 10)
        tracemalloc.start()
        kept = [traced()]
        for _ in range(2):
            run(source, answers // 2)
            kept.append(traced())
        return kept[2] - kept[0], (kept[2] - kept[1]) / (answers / 2) * 100_000
    finally:
        tracemalloc.stop()
        undo()


def traced() -> float:
    """Returns the kibibytes of Python's objects that are alive."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0] / 1024


def run(source: Answers, answers: int) -> None:
    """Lets answers pass by, a thousand at a time."""
    for _ in range(max(1, answers // 1000)):
        seconds(GITHUB, [source.next() for _ in range(1000)], itertools.cycle(PATHS))


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
    registry = HookRegistry(Settings())

    def install() -> Callable[[], None]:
        return hook.install(registry)

    report: dict[str, float | int] = {
        "us_per_github_answer": round(measured(install, GITHUB, lambda: PATHS * (CALLS // len(PATHS))), 2),
        "us_per_github_answer_of_a_new_path": round(measured(install, GITHUB, new_paths), 2),
        "us_per_other_request": round(measured(install, OTHER, lambda: PATHS * (CALLS // len(PATHS))), 2),
    }
    registry.github.emit = lambda *_, **__: None
    with TracerProvider().get_tracer("bench").start_as_current_span("GET", kind=SpanKind.CLIENT):
        report["us_per_github_answer_in_a_sampled_span"] = round(
            measured(install, GITHUB, lambda: PATHS * (CALLS // len(PATHS))), 2
        )
    if given.answers:
        left, slope = growth(given.answers)
        report |= {"answers": given.answers, "kib_left": round(left, 1), "kib_per_100000_at_the_end": round(slope, 2)}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
