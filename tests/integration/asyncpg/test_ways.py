"""Every way to run SQL gives exactly the spans it should, and the same result or exception as without otelmon."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.asyncpg.table import PAGE, page
from tests.integration.asyncpg.ways import WAYS, Way
from tests.integration.observing import check_spans

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.psycopg2.conftest import Observation

PARAMETERS = [pytest.param(way, id=way.name) for way in WAYS]
CONNECTION = ("CONNECT", "DISCONNECT")


def outcome(way: Way, dsn: str) -> tuple[str, Any]:
    """Returns what a way gives: its result, or type and text of its exception."""
    try:
        return "result", asyncio.run(way.run(dsn))
    except BaseException as error:  # noqa: BLE001 - any exception is compared, cancellation too
        return type(error).__qualname__, str(error)


def test_there_are_at_least_50_ways() -> None:
    """The table is as long as it was."""
    assert len({way.name for way in WAYS}) >= 50


@pytest.mark.parametrize("way", PARAMETERS)
def test_result_is_unchanged(
    way: Way, dsn: str, observe: Callable[..., Observation], reset: Callable[[], None]
) -> None:
    """The application gets the very result or exception that asyncpg alone gives."""
    expected = outcome(way, dsn)
    reset()
    observe()
    assert outcome(way, dsn) == expected


@pytest.mark.parametrize("way", PARAMETERS)
def test_spans_are_exact(way: Way, dsn: str, observation: Observation) -> None:
    """Each call to the server is one span and one entry of the histogram, with where it went and what it did."""
    kind, _ = outcome(way, dsn)
    assert [span.name for span in observation.spans() if span.name not in CONNECTION] == list(way.spans), kind
    check_spans(observation, dsn, goes_there=way.name != "refused connection")


def test_the_page_is_current() -> None:
    """docs/asyncpg.md is what the table gives."""
    assert PAGE.read_text(encoding="utf-8") == page()
