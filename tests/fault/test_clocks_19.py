"""Case 19 of the table of faults: the wall clock of the machine steps while the application works."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.otlp_sink import attributes_of

if TYPE_CHECKING:
    from tests.conservation.books import BookedSink

pytestmark = pytest.mark.fault

WRAPPER = str(Path(sys.executable).parent / "opentelemetry-instrument")
# The clock is stepped for everything in the process that asks for it, from before the SDK is imported.
STEPPING = dedent("""\
    import time
    wall, wall_ns, step = time.time, time.time_ns, [0]
    time.time = lambda: wall() + step[0]
    time.time_ns = lambda: wall_ns() + step[0] * 10**9
    """)
PROGRAM = dedent("""\
    import json, sys, time
    import stepping
    import otelmon
    otelmon.instrument(leak_after_ms=2000)
    from opentelemetry import trace
    from psycopg2.pool import SimpleConnectionPool
    pool = SimpleConnectionPool(1, 2, sys.argv[1])
    tracer = trace.get_tracer("stepping")
    steps = json.loads(sys.argv[2])
    for seconds in steps:
        connection = pool.getconn()
        with tracer.start_as_current_span("request"):
            cursor = connection.cursor()
            stepping.step[0] += seconds
            cursor.execute("SELECT pg_sleep(0.02)")
            stepping.step[0] -= seconds // 2
            cursor.fetchall()
        connection.rollback()
        pool.putconn(connection)
        time.sleep(0.3)
    stepping.step[0] += 3600
    time.sleep(1)
    print("done")
    """)


@pytest.mark.parametrize(
    "jumps", [[3600] * 5, [-3600] * 5, [600, -600, 7200, -7200], [1, -1, 1, -1]], ids=["on", "back", "both", "slew"]
)
def test_19_wall_clock_steps(sink: BookedSink, tmp_path: Path, postgres_dsn: str, jumps: list[int], seen) -> None:
    """Calls last what they last, nothing is slow, negative or a leak because of the clock, and everything arrives."""
    (tmp_path / "stepping.py").write_text(STEPPING)
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, str(script), postgres_dsn, json.dumps(jumps)],
        env=sink.environment(tmp_path, OTEL_METRIC_EXPORT_INTERVAL="500", OTEL_BSP_SCHEDULE_DELAY="200"),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
    calls = [span for span in sink.spans() if attributes_of(span).get("db.system.name")]
    took = [(span.end_time_unix_nano - span.start_time_unix_nano) / 1e6 for span in calls]
    seen(f"{len(calls)} calls of {min(took):.1f} to {max(took):.0f} ms, {len(sink.events())} events")
    assert len([span for span in calls if "pg_sleep" in str(attributes_of(span))]) == len(jumps)
    assert min(took) >= 0
    assert max(took) < 60_000
    assert [event.event_name for event in sink.events() if "leak" in event.event_name] == []
    for name, metric in sink.metrics().items():
        if metric.WhichOneof("data") == "histogram" and name.startswith("db.client"):
            assert all(0 <= point.sum < 60 for point in metric.histogram.data_points), name
        if name == "otelmon.db.client.connection.held_longest":
            assert all(point.as_double >= 0 for point in metric.gauge.data_points)
