"""Faults below SQLAlchemy: the application sees exactly what it sees without otelmon."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.integration.observing import observing
from tests.integration.sqlalchemy.conftest import HOOKS
from tests.integration.sqlalchemy.drivers import on_engine

if TYPE_CHECKING:
    from sqlalchemy import Engine

PID = text("SELECT pg_backend_pid()")
TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = %s AND query LIKE '%%pg_sleep(20)%%'"


def terminate(admin: str, pid: int, ended: threading.Event) -> None:
    """Ends a backend as soon as it sleeps."""
    with closing(psycopg2.connect(admin)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        found = None
        while found is None and not ended.wait(0.05):
            cursor.execute(TERMINATE, (pid,))
            found = cursor.fetchone()


@pytest.mark.parametrize("driver", ["psycopg2", "psycopg", "asyncpg"])
def test_backend_terminated_in_mid_query(driver: str, dsn: str, postgres: Any) -> None:
    """The error, whether the connection is invalid, and the way back to work are SQLAlchemy's own."""

    def work(engine: Engine) -> Any:
        with engine.connect() as connection:
            ended = threading.Event()
            killer = threading.Thread(target=terminate, args=(postgres.admin_url, connection.scalar(PID), ended))
            killer.start()
            with pytest.raises(DBAPIError) as raised:
                connection.execute(text("SELECT pg_sleep(20)"))
            ended.set()
            killer.join()
            first = type(raised.value).__qualname__, str(raised.value), raised.value.connection_invalidated
            invalidated = connection.invalidated
            connection.rollback()
            return first, invalidated, connection.scalar(text("SELECT 1"))

    expected = on_engine(driver, dsn, work)
    with observing(HOOKS) as observation:
        assert on_engine(driver, dsn, work) == expected
        failed = [span for span in observation.spans() if "pg_sleep" in str(span.attributes.get("db.query.text"))]
    (error_type,) = [span.attributes["error.type"] for span in failed if "error.type" in span.attributes]
    # asyncpg makes 08003 of it, and psycopg2 an OperationalError without SQLSTATE where it sees the end first.
    assert error_type in ("57P01", "08003", "OperationalError")
    assert len(observation.registry.calls.in_flight) == 0
