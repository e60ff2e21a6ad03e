"""Case 22 of the table of faults: what is exported must not lead to more that is exported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conservation.books import BookedSink

pytestmark = pytest.mark.fault

WRAPPER = str(Path(sys.executable).parent / "opentelemetry-instrument")
PROGRAM = dedent("""\
    import logging, time
    from opentelemetry import trace
    logging.basicConfig(level=logging.DEBUG, filename=__file__ + ".log")
    logging.getLogger().setLevel(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.DEBUG)
    with trace.get_tracer("feedback").start_as_current_span("request"):
        logging.getLogger("application").info("of the application")
    time.sleep(4)
    """)


def test_22_exports_are_not_observed(sink: BookedSink, tmp_path: Path, seen) -> None:
    """Requests is observed and every log line leaves by OTLP: no span and no line comes of the exports themselves."""
    script = tmp_path / "feedback.py"
    script.write_text(PROGRAM)
    done = subprocess.run(
        [WRAPPER, sys.executable, str(script)],
        env=sink.environment(
            OTELMON_LOGS="otlp", OTELMON_LOGS_LEVEL="debug", OTEL_BSP_SCHEDULE_DELAY="100",
            OTEL_BLRP_SCHEDULE_DELAY="100", OTEL_METRIC_EXPORT_INTERVAL="200",
        ),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    lines = [event for event in sink.events() if not event.event_name]
    seen(f"{len(sink.raw)} requests of exporters, {len(sink.spans())} span, {len(lines)} log lines")
    assert done.returncode == 0, done.stderr
    assert [span.name for span in sink.spans()] == ["request"]
    assert len(sink.raw) >= 10
    assert [line.body.string_value for line in lines if "application" in line.body.string_value]
    # urllib3 writes a line for each of its requests: those of exporters must not become requests again.
    assert [line.body.string_value for line in lines if "/v1/" in line.body.string_value] == []
