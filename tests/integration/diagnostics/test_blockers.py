"""Who blocks a call is told with the blocker's own trace and line, where it is of this process."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest

from otelmon.hooks.psycopg2 import hook
from tests.integration.diagnostics.conftest import diagnosed, events_of, wait_for

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - psycopg2 writes its classes in lower case

    from tests.integration.psycopg2.conftest import Observation
    from tests.sql.servers import Server

RUNNING = "otelmon.db.slow.running"
TAKE = "UPDATE skewed SET n = n WHERE id = 1"


def in_a_span(
    observation: Observation, name: str, connection: Connection, held: threading.Event, *statements: str
) -> None:
    """Runs statements in a trace of their own, and says when the first of them has been answered."""
    with observation.tracers.get_tracer("t").start_as_current_span(name):
        for each in statements:
            connection.cursor().execute(each)
            held.set()


def blocked(
    server: Server, holding: list[str], *, is_observed: bool = True
) -> tuple[dict[str, Any], int, dict[str, int]]:
    """Returns the event of a call that another one blocks, the blocker's process, and the traces by name."""
    connect = psycopg2.connect
    with closing(connect(server.url())) as stranger, diagnosed(hook) as (observation, _):
        with closing(connect(server.url())) as own, closing(connect(server.url())) as second:
            holder = own if is_observed else stranger
            held = threading.Event()
            threads = [
                threading.Thread(target=in_a_span, args=(observation, "holder", holder, held, TAKE, *holding)),
                threading.Thread(target=in_a_span, args=(observation, "waiter", second, threading.Event(), TAKE)),
            ]
            threads[0].start()
            assert held.wait(20)
            threads[1].start()
            told = wait_for(lambda: [each for each in events_of(observation, RUNNING) if "UPDATE" in str(each)])[0]
            threads[0].join()
            holder.rollback()
            threads[1].join()
            pid = holder.info.backend_pid
        traces = {span.name: span.context.trace_id for span in observation.spans()}
    return told, pid, traces


@pytest.mark.parametrize(
    ("holding", "state"),
    [pytest.param([], "idle in transaction", id="idle"), pytest.param(["SELECT pg_sleep(1.5)"], "active", id="busy")],
)
def test_blocker_of_this_process_has_a_trace(holding: list[str], state: str, server: Server) -> None:
    """Its running call's, else that of the last call on the connection."""
    told, pid, traces = blocked(server, holding)
    assert (told["otelmon.db.blocking_pids"], told["otelmon.db.blocker.state"]) == (str(pid), state)
    assert told["otelmon.db.blocker.trace_id"] == format(traces["holder"], "032x")
    assert told["otelmon.db.blocker.function"].endswith("in_a_span")


def test_blocker_of_another_process_has_none(server: Server) -> None:
    """Of a connection that nobody observes there is the number of its process."""
    told, pid, _ = blocked(server, [], is_observed=False)
    assert (told["otelmon.db.blocker.pid"], told["otelmon.db.wait_event_type"]) == (pid, "Lock")
    assert not {"otelmon.db.blocker.trace_id", "otelmon.db.blocker.function"} & set(told)
