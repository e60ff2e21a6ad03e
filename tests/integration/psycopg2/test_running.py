"""A query that hangs is told of before it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from tests.otlp_sink import attributes_of

if TYPE_CHECKING:
    from tests.conservation.books import BookedSink

WRAPPER = str(Path(sys.executable).parent / "opentelemetry-instrument")
PROGRAM = dedent("""\
    import sys, time
    import psycopg2
    from opentelemetry import trace

    def report(connection):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60), 'planted-4711'")

    connection = psycopg2.connect(sys.argv[1])
    with trace.get_tracer("t").start_as_current_span("page") as span:
        print(connection.info.backend_pid, format(span.get_span_context().trace_id, "032x"), time.time(), flush=True)
        report(connection)
    """)


def running(sink: BookedSink) -> list[Any]:
    """Returns the events of calls that ran when they were told; a connect that is slow has one of another name."""
    return [each for each in sink.events() if each.event_name == "otelmon.db.slow.running"]


def test_hanging_query_is_told_of_within_a_second_and_a_half(
    sink: BookedSink, postgres_dsn: str, tmp_path: Path
) -> None:
    """The event names the line, the trace and the server's process while the query still runs."""
    script = tmp_path / "report.py"
    script.write_text(PROGRAM)
    environment = sink.environment(OTEL_BLRP_SCHEDULE_DELAY="50")
    with subprocess.Popen(
        [WRAPPER, sys.executable, str(script), postgres_dsn], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            backend_pid, trace_id, began = process.stdout.readline().split()
            sink.wait_for(running)
            arrived = time.time()
            assert process.poll() is None
        finally:
            process.send_signal(signal.SIGINT)
    (event,) = running(sink)
    facts = attributes_of(event)
    assert event.trace_id.hex() == trace_id
    assert facts["otelmon.db.backend_pid"] == int(backend_pid)
    assert (facts["code.file.path"], facts["code.function.name"]) == (str(script), "report")
    assert facts["db.operation.name"] == "SELECT"
    assert event.time_unix_nano / 1e9 - float(began) < 1.5
    assert arrived - float(began) < 5
    assert not [body for _, body in sink.raw if b"planted-4711" in body]
