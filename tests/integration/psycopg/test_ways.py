"""Every way to run SQL gives exactly the spans it should, and the same result or exception as without otelmon."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from otelmon import guard
from tests.integration.observing import check_spans
from tests.integration.psycopg.table import PAGE, WAYS, page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.psycopg.way import Way
    from tests.integration.psycopg2.conftest import Observation

PARAMETERS = [pytest.param(way, id=way.name) for way in WAYS]
ELSEWHERE = ("refused connection", "no connection string")
# psycopg names cursors and connections by their address in memory.
ADDRESS = re.compile(r"0x[0-9a-f]+|pid=\d+")


@pytest.fixture(autouse=True)
def _as_in_a_service(request: pytest.FixtureRequest) -> Iterator[None]:
    """Lets the guard swallow what one of the ways makes otelmon stumble over, as in an application."""
    guard.set_strict("error that cannot be printed" not in request.node.name)
    yield
    guard.set_strict(True)


def outcome(way: Way, dsn: str) -> tuple[str, Any]:
    """Returns what a way gives: its result, or type and text of its exception."""
    try:
        return "result", way.run(dsn)
    except BaseException as error:  # noqa: BLE001 - any exception is compared, cancellation too
        return type(error).__qualname__, ADDRESS.sub("", str(error))


def test_there_are_at_least_80_ways() -> None:
    """The table is as long as it was."""
    assert len({way.name for way in WAYS}) >= 80


@pytest.mark.parametrize("way", PARAMETERS)
def test_result_is_unchanged(
    way: Way, postgres_dsn: str, observe: Callable[..., Observation], reset: Callable[[], None]
) -> None:
    """The application gets the very result or exception that psycopg alone gives."""
    expected = outcome(way, postgres_dsn)
    reset()
    observe()
    assert outcome(way, postgres_dsn) == expected


@pytest.mark.parametrize("way", PARAMETERS)
def test_spans_are_exact(way: Way, postgres_dsn: str, observation: Observation) -> None:
    """Each call to the server is one span and one entry of the histogram, with where it went and what it did."""
    kind, _ = outcome(way, postgres_dsn)
    assert observation.names() == list(way.spans), kind
    check_spans(observation, postgres_dsn, goes_there=not way.name.endswith(ELSEWHERE))


def test_the_page_is_current() -> None:
    """docs/psycopg.md is what the table gives."""
    assert PAGE.read_text(encoding="utf-8") == page()
