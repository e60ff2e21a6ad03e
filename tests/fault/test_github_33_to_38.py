"""Cases 33 to 38 of the table of faults: strange answers of GitHub, through urllib3's own connection class."""

from __future__ import annotations

import functools
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
import urllib3

from otelmon import guard
from otelmon.hooks.urllib3 import hook
from otelmon.registry import HookRegistry
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOST = "api.github.com"
FIGURES = ("limit", "remaining", "used", "reset")
TOKEN = {"authorization": "Bearer ghp_planted"}


class GitHub:
    """Answers on urllib3's connection without a network, below the hook."""

    def __init__(self, registry: HookRegistry) -> None:
        self.registry = registry
        self.reads = 0

    def answer(
        self, headers: dict[str, str] | urllib3.HTTPHeaderDict, status: int = 200, host: str = HOST, **request: Any
    ) -> urllib3.HTTPResponse:
        """Lets one request be sent and answered, whose body nobody reads."""
        body = CountingBody(self)
        connection = urllib3.connection.HTTPConnection(host)
        connection.__dict__["planted"] = urllib3.HTTPResponse(
            body, urllib3.HTTPHeaderDict(headers), status, preload_content=False
        )
        connection.request("GET", request.get("path", "/user"), headers=request.get("sent", TOKEN))
        return connection.getresponse()


class CountingBody:
    """A body that counts how often it is read."""

    closed = False

    def __init__(self, github: GitHub) -> None:
        self._github = github

    def read(self, *_: object) -> bytes:
        """Returns nothing, and counts."""
        self._github.reads += 1
        return b""

    def close(self) -> None:
        """Closes nothing."""


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    """Yields GitHub without a network."""
    connection = urllib3.connection.HTTPConnection
    monkeypatch.setattr(connection, "request", lambda *_, **__: None)
    monkeypatch.setattr(connection, "getresponse", lambda self: self.planted)
    registry = HookRegistry(Settings())
    undo = hook.install(registry)
    yield GitHub(registry)
    undo()


def headers(**changes: str) -> dict[str, str]:
    """Returns the headers of an ordinary answer, with changes by the last word of their names."""
    told = {"limit": "5000", "remaining": "4987", "used": "13", "reset": str(int(time.time()) + 600)} | changes
    named = {f"x-ratelimit-{name}": value for name, value in told.items()}
    return {**named, "x-ratelimit-resource": "core", "date": formatdate(usegmt=True)}


@pytest.mark.parametrize("value", ["", "abc", "-1", "1e9", "9" * 30, "12, 13", "x" * 65_536, "1" * 65_536])
@pytest.mark.parametrize("figure", FIGURES)
def test_33_unreadable_header_is_unknown(github: GitHub, figure: str, value: str) -> None:
    """A figure that is no plain number is unknown or told by the others, never 0, and nothing is raised."""
    github.answer(headers(**{figure: value}))
    (budget,) = github.registry.github.budgets()
    told = {"limit": 5000, "remaining": 4987, "used": 13, "reset": pytest.approx(time.time() + 600, abs=30)}
    seen = {name: getattr(budget, name) for name in FIGURES}
    # What is used is known from limit and remaining as well.
    unknown = None if figure != "used" else 13
    assert seen == {**told, figure: unknown}
    assert {site.errors for site in guard.sites().values()} <= {0}


def test_33_absent_headers_are_unknown(github: GitHub) -> None:
    """An answer without any of them makes no budget, and is counted."""
    github.answer({})
    assert github.registry.github.budgets() == ()
    assert github.registry.github.requests() == {(None, "/user"): 1}


def test_33_a_header_that_comes_twice_is_unknown_and_its_case_does_not_matter(github: GitHub) -> None:
    """Two values of one figure are none; names are read in any case."""
    twice = urllib3.HTTPHeaderDict({name.upper(): value for name, value in headers().items()})
    twice.add("X-RateLimit-Limit", "6000")
    github.answer(twice)
    (budget,) = github.registry.github.budgets()
    assert (budget.limit, budget.remaining, budget.used) == (None, 4987, 13)


@pytest.mark.parametrize(
    ("status", "remaining", "more", "expected"),
    [
        (403, "12", {"retry-after": "60"}, "secondary"),
        (429, "12", {}, "secondary"),
        (403, "0", {}, "primary"),
        (429, "0", {"retry-after": "60"}, "primary"),
        (403, "12", {}, "permission"),
        (403, "12", {"x-github-sso": "required"}, "saml"),
    ],
)
def test_34_each_refusal_has_one_reason(
    github: GitHub, status: int, remaining: str, more: dict[str, str], expected: str
) -> None:
    """Primary, secondary, permission and SAML are never mixed."""
    github.answer(headers(remaining=remaining) | more, status)
    assert github.registry.github.refused.snapshot() == {("core", expected): 1}


@pytest.mark.parametrize("off", [-600, 0, 600])
@pytest.mark.parametrize("reset_in", [-4000, -10, 600])
def test_35_remaining_time_is_never_negative(github: GitHub, off: int, reset_in: int) -> None:
    """A reset in the past and a clock ten minutes wrong give no negative time, and the right one where there is one."""
    there = time.time() + off
    github.answer(headers(reset=str(int(there) + reset_in)) | {"date": formatdate(there, usegmt=True)})
    found = [budget.reset_in for budget in github.registry.github.budgets()]
    assert found == ([] if reset_in < 0 else [pytest.approx(600, abs=30)])


@pytest.mark.parametrize("reset", [str(int(time.time()) * 1000), "-5", "0"])
def test_35_reset_that_is_no_time_is_unknown(github: GitHub, reset: str) -> None:
    """Milliseconds and negative numbers are no reset; the other figures stand, and no time is negative."""
    github.answer(headers(reset=reset))
    for budget in github.registry.github.budgets():
        assert (budget.reset_in, budget.used) == (None, 13)


@pytest.mark.parametrize("waits", [formatdate(time.time() - 500, usegmt=True), formatdate(usegmt=True), "0", "soon"])
def test_35_retry_after_is_never_negative(github: GitHub, waits: str) -> None:
    """A date that is past, a zero and rubbish are a secondary refusal whose time to wait is 0 or unknown."""
    told: list[dict[str, Any]] = []
    github.registry.github.emit = lambda _name, attributes, **_: told.append(dict(attributes))
    github.answer(headers() | {"retry-after": waits}, 403)
    assert {facts.get("otelmon.github.retry_after", 0) for facts in told} == {0}
    assert github.registry.github.refused.snapshot() == {("core", "secondary"): 1}


@pytest.mark.parametrize("status", [200, 301, 304, 502])
def test_36_body_is_not_touched(github: GitHub, status: int) -> None:
    """A redirect, a 304, a page of a broken gateway and a body that is never read: nothing is read for us."""
    response = github.answer({"content-type": "text/html"} if status == 502 else headers(), status)
    assert (github.reads, response.status) == (0, status)
    assert sum(github.registry.github.requests().values()) == 1


@pytest.mark.parametrize(
    ("host", "path", "counted"),
    [
        ("api.github.com", "/user", True),
        ("API.GitHub.com", "/user", True),
        ("api.github.com.evil.example", "/user", False),
        ("evil.example", "/api.github.com", False),
        ("xapi.github.com", "/user", False),
        ("140.82.112.6", "/user", False),
        ("ghes.example", "/api/v3/user", False),
    ],
)
def test_37_only_configured_hosts_count(github: GitHub, host: str, path: str, counted: bool) -> None:
    """Look-alikes, addresses and servers that nobody has named are other hosts."""
    github.answer(headers(), host=host, path=path)
    assert bool(github.registry.github.requests()) is counted


def test_38_ten_thousand_tokens_are_hashed_and_bounded(github: GitHub) -> None:
    """Each has its budget by hash, no token is anywhere, and the limit of labels bounds what is shown."""
    sent: Callable[[int], dict[str, str]] = lambda number: {"authorization": f"token ghp_planted{number:05}"}  # noqa: E731
    for number in range(10_000):
        github.answer(headers(), sent=sent(number))
    book = github.registry.github
    shown = book.budgets()
    assert len(shown) == Settings().label_limit
    assert len({budget.owner for budget in shown}) == len(shown)
    everything = repr(
        (shown, book.requests(), vars(book.owners), functools.reduce(list.__add__, map(list, book._budgets._windows)))
    )
    assert "ghp_planted" not in everything
    assert github.registry.overflow()["otelmon.github.rate_limit.remaining"] >= 10_000 - len(shown)
