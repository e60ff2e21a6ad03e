"""Every way to run SQL with SQLAlchemy gives exactly the driver's spans, and the same result as without otelmon."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy

from tests.integration.observing import observing
from tests.integration.sqlalchemy.conftest import HOOKS
from tests.integration.sqlalchemy.drivers import make_tables, on_engine, outcome
from tests.integration.sqlalchemy.table import PAGE, page
from tests.integration.sqlalchemy.ways import LITERAL, WAYS, Way

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.integration.psycopg2.conftest import Observation

PARAMETERS = [pytest.param(way, driver, id=f"{way.name}, {driver}") for way in WAYS for driver in way.drivers()]


@pytest.mark.parametrize(("way", "driver"), PARAMETERS)
def test_result_is_unchanged(way: Way, driver: str, dsn: str) -> None:
    """The application gets the very result or exception that SQLAlchemy alone gives."""

    def work(engine: Engine) -> Any:
        make_tables(engine)
        return outcome(way.run, engine)

    expected = on_engine(driver, dsn, work)
    with observing(HOOKS):
        assert on_engine(driver, dsn, work) == expected


@pytest.mark.parametrize(("way", "driver"), PARAMETERS)
def test_spans_are_exact(way: Way, driver: str, dsn: str, observation: Observation) -> None:
    """Each call to the server is one span and one entry of the histogram, whoever makes it; none shows a literal."""
    before = []

    def work(engine: Engine) -> Any:
        make_tables(engine)
        before.extend(observation.spans())
        result = outcome(way.run, engine)
        return result, observation.spans()[len(before) :]

    (kind, _), spans = on_engine(driver, dsn, work)
    assert tuple(span.name for span in spans) == way.spans[driver], kind
    assert observation.count() == len(observation.spans())
    for span in spans:
        assert span.attributes["db.operation.name"] == span.name.partition(" ")[0]
        assert span.attributes["db.system.name"] == ("sqlite" if driver == "sqlite" else "postgresql")
        assert LITERAL not in f"{dict(span.attributes)} {span.status.description}"
    assert LITERAL not in str(observation.events)


def test_the_page_is_current() -> None:
    """docs/sqlalchemy.md is what the table gives."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_release_is_the_one_meant() -> None:
    """Under ``test_release_20.py`` this is another release than elsewhere."""
    assert sqlalchemy.__version__.startswith(os.environ.get("EXPECTED_SQLALCHEMY", "2.1."))
