"""Forks at random moments, with threads that hold any lock there is: no child hangs, or sends its parent's spans."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.life.serving import BIN, environment

if TYPE_CHECKING:
    from tests.otlp_sink import OtlpSink

PROGRAM = str(Path(__file__).with_name("forking.py"))
IMPORTING = str(Path(__file__).with_name("importing.py"))
IN_COLLECTION = str(Path(__file__).with_name("fork_in_collection.py"))
TOGETHER = 4


def fork(sink: OtlpSink, forks: int, seconds: float) -> None:
    """Forks so often and asserts that every child ended well, with its one span at the receiver, once."""
    done = subprocess.run(
        [BIN / "opentelemetry-instrument", sys.executable, PROGRAM, str(forks), str(TOGETHER)],
        # Exports all the time, so that forks meet them.
        env=environment(sink.endpoint, OTEL_BSP_SCHEDULE_DELAY="20", OTEL_METRIC_EXPORT_INTERVAL="50"),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert re.findall(r"^bad (\d+)$", done.stderr, re.MULTILINE) == ["0"], done.stderr[-2000:]
    assert "otelmon_internal_error" not in done.stderr, done.stderr[-2000:]
    told = done.stdout.split()
    assert len(told) == len(set(told)) == forks
    arrived = [span.span_id.hex() for span in sink.spans()]
    assert len(arrived) == len(set(arrived))
    assert set(told) - set(arrived) == set(), done.stderr[-2000:]
    # Half of the children exit within a span of their parent, which is the parent's to send.
    assert sum(span.name == "child" for span in sink.spans()) == forks


def test_a_few_forks(sink: OtlpSink) -> None:
    """Forty forks, for every run of the tests."""
    fork(sink, 40, 120)


def test_a_fork_while_metrics_are_collected(sink: OtlpSink) -> None:
    """The child's metrics and span arrive, though the parent held the lock of its collection."""
    done = subprocess.run(
        [BIN / "opentelemetry-instrument", sys.executable, IN_COLLECTION],
        env=environment(sink.endpoint, OTEL_METRIC_EXPORT_INTERVAL="200"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [span.name for span in sink.spans()] == ["child"]
    assert [point.as_int for point in sink.metrics()["made.by.child"].sum.data_points] == [1]


def test_threads_that_export_import_nothing(sink: OtlpSink) -> None:
    """A fork during an import leaves its lock held in the child, which would wait for it at its own export."""
    done = subprocess.run(
        [BIN / "opentelemetry-instrument", sys.executable, IMPORTING],
        env=environment(
            sink.endpoint,
            OTEL_BSP_SCHEDULE_DELAY="20",
            OTEL_BLRP_SCHEDULE_DELAY="20",
            OTEL_METRIC_EXPORT_INTERVAL="100",
            OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED="true",
        ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == ""
    assert {"span"} == {span.name for span in sink.spans()}
    assert "counted" in sink.metrics()
    assert [record.body.string_value for record in sink.events()] == ["logged"]


@pytest.mark.suites
@pytest.mark.timeout(900)
def test_a_thousand_forks(sink: OtlpSink) -> None:
    """A thousand."""
    fork(sink, 1_000, 800)
