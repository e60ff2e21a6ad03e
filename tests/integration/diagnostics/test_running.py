"""What a slow call waits for is told of while it waits."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest

from tests.otlp_sink import attributes_of

if TYPE_CHECKING:
    from collections.abc import Callable

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

    first, second = psycopg2.connect(sys.argv[1]), psycopg2.connect(sys.argv[1])
    {begin}
    print(first.info.backend_pid, second.info.backend_pid, flush=True)
    threading.Thread(target=wait, args=(second,), daemon=True).start()
    sys.stdin.readline()
    """)
IDLE = BLOCKED.format(holding="pass", begin="print(hold(first), flush=True)")
BUSY = BLOCKED.format(
    holding="print(identity(span), flush=True); connection.cursor().execute('SELECT pg_sleep(60)')",
    begin="threading.Thread(target=hold, args=(first,), daemon=True).start(); time.sleep(0.2)",
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
