"""What a slow call waits for is told of while it waits."""

from __future__ import annotations

import time
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest

from demo.parts import postgres
from tests.integration.diagnostics.conftest import wait_for
from tests.otlp_sink import attributes_of

if TYPE_CHECKING:
    from collections.abc import Callable

DIAGNOSTICS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'otelmon diagnostics'"
RUNNING = "otelmon.db.slow.running"
BLOCKED = dedent("""\
    import sys, threading, time
    import psycopg2
    from opentelemetry import trace

    tracer = trace.get_tracer("t")

    def identity(span):
        return format(span.get_span_context().trace_id, "032x")

    def hold(connection):
        with tracer.start_as_current_span("holder") as span:
            connection.cursor().execute("UPDATE waited_for SET n = n + 1 WHERE id = 1")
            {holding}
            return identity(span)

    def wait(connection):
        with tracer.start_as_current_span("waiter") as span:
            print(identity(span), time.time(), flush=True)
            connection.cursor().execute("UPDATE waited_for SET n = n + 2 WHERE id = 1")
            print("ended", flush=True)

    held = threading.Event()
    first, second = psycopg2.connect(sys.argv[1]), psycopg2.connect(sys.argv[1])
    {begin}
    print(first.info.backend_pid, second.info.backend_pid, flush=True)
    threading.Thread(target=wait, args=(second,), daemon=True).start()
    sys.stdin.readline()
    """)
IDLE = BLOCKED.format(holding="pass", begin="print(hold(first), flush=True)")
BUSY = BLOCKED.format(
    holding="print(identity(span), flush=True); held.set(); connection.cursor().execute('SELECT pg_sleep(60)')",
    begin="threading.Thread(target=hold, args=(first,), daemon=True).start(); held.wait()",
)


@pytest.fixture(autouse=True)
def _table(postgres_dsn: str) -> None:
    """Makes the table that one waits for and another holds."""
    with psycopg2.connect(postgres_dsn) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS waited_for; CREATE TABLE waited_for (id int PRIMARY KEY, n int)")
        cursor.execute("INSERT INTO waited_for VALUES (1, 0)")
    connection.close()


@pytest.mark.parametrize(
    ("program", "state", "function"),
    [pytest.param(IDLE, "idle in transaction", "hold", id="idle"), pytest.param(BUSY, "active", "hold", id="busy")],
)
def test_blocked_call_names_the_blocker_before_either_ends(
    program: str, state: str, function: str, run: Callable[..., Any], postgres_dsn: str
) -> None:
    """Wait event, blocking process, and the trace and line of the call that holds the lock, within 1.5 s."""
    with run(program, postgres_dsn) as told:
        holder = told.line()
        first, _ = told.line().split()
        waiter, began = told.line().split()
        event = told.event(RUNNING, db_operation_name="UPDATE")
        facts = attributes_of(event)
        assert told.process.poll() is None
    assert event.trace_id.hex() == waiter
    assert (facts["otelmon.db.state"], facts["otelmon.db.wait_event_type"]) == ("active", "Lock")
    assert facts["otelmon.db.wait_event"] == "transactionid"
    assert facts["otelmon.db.blocking_pids"] == first
    assert (facts["otelmon.db.blocker.pid"], facts["otelmon.db.blocker.state"]) == (int(first), state)
    assert facts["otelmon.db.blocker.trace_id"] == holder
    assert facts["otelmon.db.blocker.function"] == function
    assert event.time_unix_nano / 1e9 - float(began) < 1.5


FORKING = dedent("""\
    import os, sys
    import psycopg2

    def slow(connection, name):
        connection.cursor().execute(f"SELECT pg_sleep(1.2) AS {name}")

    connection = psycopg2.connect(sys.argv[1])
    slow(connection, "before")
    child = os.fork()
    if child == 0:
        slow(psycopg2.connect(sys.argv[1]), "child")
        sys.exit(0)
    os.waitpid(child, 0)
    slow(connection, "after")
    print("ended", flush=True)
    sys.stdin.readline()
    """)


def test_forked_child_has_a_connection_of_its_own(run: Callable[..., Any], postgres_dsn: str) -> None:
    """Parent and child both learn what they wait for, and the child's end leaves the parent's connection alone."""
    with run(FORKING, postgres_dsn) as told:
        assert told.line() == "ended"
        told.sink.wait_for(lambda _: len(told.events(RUNNING)) == 3)
        facts = [attributes_of(each) for each in told.events(RUNNING)]
    assert [each["otelmon.db.wait_event"] for each in facts] == ["PgSleep"] * 3
    assert len({each["otelmon.db.query_id"] for each in facts}) == 1
    assert len({each["otelmon.db.backend_pid"] for each in facts}) == 2


ENDING = dedent("""\
    import sys, time
    import psycopg2

    connection = psycopg2.connect(sys.argv[1])
    connection.cursor().execute("SELECT pg_sleep(1)")
    print(time.time(), flush=True)
    """)


def test_exit_waits_for_nobody(run: Callable[..., Any], postgres_dsn: str) -> None:
    """A process whose diagnostics connection is open ends as soon as its telemetry has left, and takes it along."""
    with run(ENDING, postgres_dsn) as told:
        ended = float(told.line())
        assert told.process.wait(10) == 0
        assert time.time() - ended < 5
        with postgres.administration(postgres_dsn) as cursor:
            # Its session ends a moment after it; and so do those of the programs before, which are killed.
            wait_for(lambda: cursor.execute(DIAGNOSTICS) or cursor.fetchall() == [(0,)])
    assert len(told.events("otelmon.db.slow")) == 1


def test_metrics_tell_the_share_of_identified_calls(run: Callable[..., Any], postgres_dsn: str) -> None:
    """The counters of query ids and of questions leave with the application's metrics."""
    with run(FORKING.replace("os.fork()", "1").replace("os.waitpid(child, 0)", "pass"), postgres_dsn) as told:
        assert told.line() == "ended"
        told.sink.wait_for(lambda sink: "otelmon.db.query_ids" in sink.metrics())
        told.sink.wait_for(lambda sink: _points(sink, "otelmon.db.query_ids") == {"polled": 2})
        assert _points(told.sink, "otelmon.db.diagnostics")["activity"] >= 2


def _points(sink: Any, name: str) -> dict[str, int]:
    """Returns the newest values of a counter by its one attribute."""
    return {each.attributes[0].value.string_value: each.as_int for each in sink.metrics()[name].sum.data_points}
