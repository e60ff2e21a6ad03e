"""Behind a pooler nothing is told by the number of a process, and that is said."""

from __future__ import annotations

import logging
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg2
import pytest

from otelmon.diagnostics.admission import is_pooled
from otelmon.diagnostics.links import open_link
from otelmon.diagnostics.worker import Worker
from otelmon.hooks.psycopg2 import hook
from otelmon.registry.database_sessions import DatabaseSessions, DatabaseTarget
from tests.integration.diagnostics import pooler
from tests.integration.diagnostics.conftest import diagnosed, events_of

if TYPE_CHECKING:
    from tests.sql.servers import Server

WRONG = {"otelmon.db.backend_pid", "otelmon.db.query_id", "otelmon.db.wait_event", "otelmon.db.state"}


@pytest.fixture(scope="session")
def pooled_url(shared_server: Server) -> str:
    """Returns how to connect through PgBouncer in transaction mode."""
    return pooler.start(shared_server)


def target_of(url: str) -> DatabaseTarget:
    """Returns what a hook would tell of a connection."""
    with closing(psycopg2.connect(url)) as connection:
        return DatabaseTarget("psycopg2", {**connection.info.dsn_parameters, "password": connection.info.password})


def test_pooler_is_told_from_the_server(server: Server, pooled_url: str) -> None:
    """The diagnostics connection goes the application's road and so sees whether the server itself answers."""
    found = []
    for url in (server.url(), pooled_url):
        link = open_link(target_of(url))
        found.append(is_pooled(link))
        link.close()
    assert found == [False, True]


def test_nobody_is_asked_through_a_pooler(pooled_url: str) -> None:
    """Once recognised, its target gets no question and no second connection; the session behind it is as it was."""
    sessions, target = DatabaseSessions(), target_of(pooled_url)
    worker = Worker(sessions)
    done = worker.submit(target, lambda _: pytest.fail("asked"))
    assert done is not None
    assert done.wait(10)
    assert (target.is_pooled, sessions.answers()) == (True, {"pooler": 1})
    assert worker.submit(target, lambda _: pytest.fail("asked")) is None
    worker.close(5)
    with closing(psycopg2.connect(pooled_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchall() == [("0",)]


def test_pooler_is_said_and_no_wrong_fact_told(
    pooled_url: str, caplog: pytest.LogCaptureFixture, server: Server
) -> None:
    """The event says that a pooler is there, one line says what is missing, and no process number is shown."""
    with caplog.at_level(logging.WARNING, "otelmon"), diagnosed(hook) as (observation, diagnosis):
        with closing(psycopg2.connect(pooled_url)) as connection:
            connection.cursor().execute("SELECT pg_sleep(1)")
            connection.cursor().execute("SELECT pg_sleep(1)")
        told = events_of(observation, "otelmon.db.slow.running")
        assert diagnosis.diagnostics.worker is not None
    assert len(told) == 2
    assert all(each["otelmon.db.pooler"] is True and not WRONG & set(each) for each in told)
    assert not WRONG & {key for span in observation.spans() for key in span.attributes or {}}
    assert events_of(observation, "otelmon.db.plan") == []
    lines = [each.getMessage() for each in caplog.records if "pooler_recognised" in each.getMessage()]
    assert len(lines) == 1
    assert server.url().split("@")[0].split(":")[-1] not in lines[0]
