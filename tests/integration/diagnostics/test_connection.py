"""The diagnostics connection takes nothing from the application: no slot, no time, no setting, no span."""

from __future__ import annotations

import json
import socket
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from psycopg2.extensions import POLL_READ
from psycopg2.extras import wait_select

from demo.parts import postgres
from otelmon.diagnostics import admission, worker
from otelmon.diagnostics.links import APPLICATION_NAME, UnavailableError, open_link
from otelmon.hooks.psycopg2 import hook
from otelmon.registry.database_sessions import DatabaseSessions, DatabaseTarget
from tests.integration.diagnostics.conftest import diagnosed, events_of, wait_for
from tests.integration.observing import observing
from tests.sql import servers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from otelmon.diagnostics.links import Link
    from tests.sql.servers import Server

# A query over any table gets two workers.
PARALLEL = (
    " ".join(f"-c {each}=0" for each in ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size"))
    + " -c max_parallel_workers_per_gather=2"
)
OWN = f"""
SELECT count(*) FROM pg_stat_activity
WHERE application_name = '{APPLICATION_NAME}' AND datname = current_database()
"""


@pytest.fixture(params=["psycopg2", "psycopg"])
def target(server: Server, request: pytest.FixtureRequest) -> DatabaseTarget:
    """Returns a target for each driver that can open the connection."""
    return DatabaseTarget(request.param, parameters(server.port))


def parameters(port: int) -> dict[str, str]:
    """Returns the parameters of libpq for a port."""
    return {
        "host": "127.0.0.1", "port": str(port), "user": "postgres", "dbname": "postgres", "password": servers.PASSWORD,
        "application_name": "shop",
    }  # fmt: skip


@pytest.fixture
def link(target: DatabaseTarget) -> Iterator[Link]:
    """Yields an open connection."""
    opened = open_link(target)
    yield opened
    opened.close()


def count(server: Server, question: str = OWN) -> Any:
    """Returns what the server counts, or answers else."""
    with closing(psycopg2.connect(server.url())) as connection, connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchall()[0][0]


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(b"CREATE TABLE forbidden (id int)", id="write"),
        pytest.param(b"SELECT pg_sleep(20)::text", id="long"),
        pytest.param(b"SELECT n::text FROM locked", id="locked"),
    ],
)
def test_a_question_can_neither_write_nor_wait(question: bytes, link: Link, server: Server) -> None:
    """Each is refused within its timeouts, and the session is as it was and goes on."""
    with closing(psycopg2.connect(server.url())) as holder:
        holder.cursor().execute("CREATE TABLE IF NOT EXISTS locked (n int)")
        holder.commit()
        holder.cursor().execute("LOCK TABLE locked")
        began = time.monotonic()
        with pytest.raises(UnavailableError) as refused:
            link.ask(question)
        assert time.monotonic() - began < 5
    assert not refused.value.is_broken
    assert link.ask(b"SELECT current_setting('statement_timeout')::text") == "1s"
    assert count(server, f"SELECT state FROM pg_stat_activity WHERE pid = {link.told_pid}") == "idle"


def test_lost_connection_is_broken(link: Link, server: Server) -> None:
    """What the server has ended is of no more use."""
    count(server, f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid = {link.told_pid}")
    with pytest.raises(UnavailableError) as refused:
        link.ask(b"SELECT 1::text")
    assert refused.value.is_broken


def test_last_slots_are_left(target: DatabaseTarget, server: Server) -> None:
    """With fewer free slots than are to be left the connection goes again at once, and a pause follows."""
    crowd = []
    try:
        with postgres.administration(server.url()) as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
            used = int(cursor.fetchall()[0][0])
            # max_connections 30, of which 3 are the superuser's; the diagnostics connection would be the next one.
            free = 30 - 3 - used - 1
            crowd += [psycopg2.connect(server.url()) for _ in range(free - admission.FREE_SLOTS + 1)]
            sessions, asked = DatabaseSessions(), []
            one = worker.Worker(sessions)
            assert one.submit(target, asked.append).wait(10)
            assert (asked, sessions.answers()) == ([], {"no_free_slots": 1})
            assert one.submit(target, asked.append) is None
            wait_for(lambda: cursor.execute(OWN) or cursor.fetchall() == [(0,)])
    finally:
        for each in crowd:
            each.close()


@pytest.mark.parametrize("user", ["postgres", "weak"])
def test_a_role_that_sees_little_counts_the_same_slots(server: Server, user: str) -> None:
    """Without pg_read_all_stats it is not told what the backends of others are, and counts those of clients as such."""
    with postgres.administration(server.url()) as cursor:
        cursor.execute(f"DROP ROLE IF EXISTS weak; CREATE ROLE weak LOGIN PASSWORD '{servers.PASSWORD}'")
    with (
        closing(open_link(DatabaseTarget("psycopg2", {**parameters(server.port), "user": user}))) as link,
        postgres.administration(server.url()) as cursor,
    ):

        def free() -> int:
            # max_connections 30, of which 3 are the superuser's. A pooler in front of the server may hold some, too.
            cursor.execute("SELECT 27 - count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
            return int(cursor.fetchall()[0][0])

        server.wait_until_quiet(beside=2)
        before = free()
        assert slots(link)["server"] == before
        with closing(psycopg2.connect(server.url())):
            assert slots(link)["server"] == free() == before - 1


@pytest.mark.parametrize("user", ["postgres", "other"])
def test_workers_of_a_parallel_query_take_no_slot(server: Server, user: str) -> None:
    """They are seen in pg_stat_activity beside the client they work for, who alone holds a connection."""
    with postgres.administration(server.url()) as cursor:
        cursor.execute(
            "DROP ROLE IF EXISTS other;"
            f"CREATE ROLE other LOGIN PASSWORD '{servers.PASSWORD}' IN ROLE pg_read_all_stats;"
            "DROP TABLE IF EXISTS wide; CREATE TABLE wide AS SELECT generate_series(1, 20000) AS n; ANALYZE wide"
        )
    with (
        closing(open_link(DatabaseTarget("psycopg2", {**parameters(server.port), "user": user}))) as link,
        closing(psycopg2.connect(server.url(), options=PARALLEL, async_=True)) as client,
    ):
        wait_select(client)
        server.wait_until_quiet(beside=2)
        before = slots(link)
        client.cursor().execute("SELECT count(*) FROM wide WHERE pg_sleep(0.01) IS NOT NULL")
        assert client.poll() == POLL_READ
        workers = b"SELECT count(*)::text FROM pg_stat_activity WHERE backend_type = 'parallel worker'"
        wait_for(lambda: link.ask(workers) == "2")
        assert slots(link) == before
        assert link.ask(workers) == "2"
        client.cancel()


def slots(link: Link) -> dict[str, int]:
    """Returns what the admission counts."""
    found: dict[str, int] = json.loads(link.ask(admission._SLOTS.encode()) or "{}")
    return found


def test_all_processes_together_are_few(target: DatabaseTarget, server: Server) -> None:
    """Beyond the most for a database no further process stays connected."""
    crowd = [open_link(target) for _ in range(admission.MOST_A_DATABASE)]
    try:
        sessions = DatabaseSessions()
        assert worker.Worker(sessions).submit(target, lambda _: None).wait(10)
        assert sessions.answers() == {"too_many_diagnostics": 1}
        wait_for(lambda: count(server) == admission.MOST_A_DATABASE)
    finally:
        for each in crowd:
            each.close()


def test_connection_is_closed_when_idle(
    target: DatabaseTarget, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thread and connection exist while there is something to ask, and come again."""
    monkeypatch.setattr(worker, "SECONDS_IDLE", 0.3)
    one = worker.Worker(DatabaseSessions())
    for _ in range(2):
        seen = []
        assert one.submit(target, lambda _, seen=seen: seen.append(count(server))).wait(10)
        assert seen == [1]
        wait_for(lambda: count(server) == 0)


def test_server_that_is_away_is_not_asked_again_at_once(target: DatabaseTarget) -> None:
    """After a failure there is a pause, which doubles; nobody waits for it."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        target.parameters["port"] = str(closed.getsockname()[1])
        sessions = DatabaseSessions()
        one = worker.Worker(sessions)
        assert one.submit(target, lambda _: None).wait(10)
        assert [one.submit(target, lambda _: None) for _ in range(100)] == [None] * 100
        assert sessions.answers() == {"connect": 1}


def test_server_that_does_not_answer_delays_no_event(server: Server) -> None:
    """The event of a slow call comes in time without facts while the diagnostics connection hangs."""
    with socket.create_server(("127.0.0.1", 0)) as silent, diagnosed(hook) as (observation, _):
        with closing(psycopg2.connect(server.url())) as connection:
            for target in observation.registry.sessions._targets.values():
                target.parameters["port"] = str(silent.getsockname()[1])
            connection.cursor().execute("SELECT pg_sleep(2)")
        (told,) = events_of(observation, "otelmon.db.slow.running")
        silent.close()
    assert told["otelmon.db.duration"] < 1.2
    assert "otelmon.db.state" not in told


def test_own_statements_are_no_calls_of_the_application(server: Server) -> None:
    """Neither its connection nor its questions give a span or count."""
    with diagnosed(hook) as (observation, _):
        with closing(psycopg2.connect(server.url())) as connection:
            connection.cursor().execute("SELECT pg_sleep(1)")
        assert observation.registry.sessions.answers()["activity"] >= 1
        assert [span.name for span in observation.spans()] == ["CONNECT", "SELECT"]
        assert sum(point.count for point in observation.points("db.client.operation.duration")) == 2


def test_off_by_default(server: Server) -> None:
    """Without the setting nothing is remembered of a connection, and no password with it."""
    with observing([hook]) as observation, closing(psycopg2.connect(server.url())) as connection:
        connection.cursor().execute("SELECT 1")
        assert connection.__dict__["_otelmon_facts"].session is None
        assert observation.registry.sessions is None


def test_password_is_in_no_representation(server: Server) -> None:
    """Whatever is printed of facts, sessions and targets has no password."""
    with diagnosed(hook) as (observation, _), closing(psycopg2.connect(server.url())) as connection:
        connection.cursor().execute("SELECT 1")
        facts = connection.__dict__["_otelmon_facts"]
        assert facts.session.target.parameters["password"] == servers.PASSWORD
        shown = f"{facts!r} {facts.session!r} {facts.session.target!r} {observation.registry.sessions!r}"
    assert servers.PASSWORD not in shown


def test_process_of_another_server_is_not_taken_for_the_calls_own(server: Server) -> None:
    """Where the process of that number talks to another socket, nothing of it is told."""
    with diagnosed(hook) as (observation, _):
        with closing(psycopg2.connect(server.url())) as connection:
            connection.__dict__["_otelmon_facts"].session.local_port = 1
            connection.cursor().execute("SELECT pg_sleep(1)")
        assert observation.registry.sessions.answers()["other_socket"] >= 1
    (told,) = events_of(observation, "otelmon.db.slow.running")
    assert not {"otelmon.db.state", "otelmon.db.query_id"} & set(told)


def test_event_loop_of_the_application_is_left_alone(server: Server) -> None:
    """Where psycopg2 waits by a callback of the application's, no connection is opened on another thread."""
    psycopg2.extensions.set_wait_callback(lambda _: None)
    try:
        with pytest.raises(UnavailableError, match="wait_callback"):
            open_link(DatabaseTarget("psycopg2", parameters(server.port)))
    finally:
        psycopg2.extensions.set_wait_callback(None)


@pytest.mark.parametrize("driver", ["psycopg2", "psycopg"])
def test_no_driver_is_loaded_for_diagnostics(driver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the application has not loaded is not loaded behind its back."""
    monkeypatch.delitem(sys.modules, driver)
    with pytest.raises(UnavailableError, match="driver_not_loaded"):
        open_link(DatabaseTarget(driver, {}))
    assert driver not in sys.modules
