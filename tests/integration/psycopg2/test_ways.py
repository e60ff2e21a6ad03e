"""Every way to run SQL gives exactly the spans it should, and the same result or exception as without otelmon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.observing import check_spans
from tests.integration.psycopg2.table import PAGE, page
from tests.integration.psycopg2.ways import WAYS, Way

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.psycopg2.conftest import Observation

PARAMETERS = [pytest.param(way, id=way.name) for way in WAYS]


def outcome(way: Way, dsn: str) -> tuple[str, Any]:
    """Returns what a way gives: its result, or type and text of its exception."""
    try:
        return "result", way.run(dsn)
    except Exception as error:  # noqa: BLE001 - any exception is compared
        return type(error).__qualname__, str(error)


def test_there_are_at_least_31_ways() -> None:
    """The table is as long as the list of ways in which plain instrumentation was measured."""
    assert len({way.name for way in WAYS}) >= 31


@pytest.mark.parametrize("way", PARAMETERS)
def test_result_is_unchanged(
    way: Way, postgres_dsn: str, observe: Callable[..., Observation], reset: Callable[[], None]
) -> None:
    """The application gets the very result or exception that psycopg2 alone gives."""
    expected = outcome(way, postgres_dsn)
    reset()
    observe()
    assert outcome(way, postgres_dsn) == expected


@pytest.mark.parametrize("way", PARAMETERS)
def test_spans_are_exact(way: Way, postgres_dsn: str, observation: Observation) -> None:
    """Each call to the server is one span and one entry of the histogram, with where it went and what it did."""
    kind, _ = outcome(way, postgres_dsn)
    assert observation.names() == list(way.spans), kind
    check_spans(observation, postgres_dsn, goes_there=way.name != "refused connection")


def test_the_page_is_current() -> None:
    """docs/psycopg2.md is what the table gives."""
    assert PAGE.read_text(encoding="utf-8") == page()
