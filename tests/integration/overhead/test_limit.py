"""Above its limit otelmon leaves work undone, and takes it up again; what it counts stays exact meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.otlp_sink import OtlpSink, attributes_of

pytestmark = [pytest.mark.suites, pytest.mark.timeout(400)]
WRAPPER = str(Path(sys.executable).parent / "opentelemetry-instrument")
APPLICATION = str(Path(__file__).with_name("application.py"))
LIMIT = 0.15


@pytest.fixture(scope="module")
def told(postgres_dsn):
    """Returns what the application told, and the receiver with what came from it."""
    sink = OtlpSink()
    env = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "OTELMON_"))}
    env |= {
        "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint,
        "OTEL_BSP_MAX_QUEUE_SIZE": "1000000",
        # At the end only: in so short a window one export would be a large share.
        "OTEL_METRIC_EXPORT_INTERVAL": "600000",
        "OTELMON_OVERHEAD_LIMIT_RATIO": str(LIMIT),
        "OTELMON_SLOW_QUERY_THRESHOLD": "150",
        "OTELMON_SHUTDOWN_TIMEOUT": "60000",
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    done = subprocess.run(
        [WRAPPER, sys.executable, APPLICATION, postgres_dsn],
        env=env, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    yield json.loads(done.stdout.strip().splitlines()[-1]), sink, done.stderr
    sink.close()


def points_of(sink: OtlpSink, name: str) -> list:
    """Returns the newest points of a metric; none where it was never told."""
    metric = sink.metrics().get(name)
    return [] if metric is None else list(getattr(metric, metric.WhichOneof("data")).data_points)


def calls_in(sink: OtlpSink) -> list:
    """Returns the spans of the application's own statements."""
    return [span for span in sink.spans() if "SELECT" in span.name]


def test_sheds_and_recovers(told) -> None:
    """Under a squeeze everything of the order is left undone; where the application works for itself nothing is."""
    figures, _, log = told
    assert (figures["sheds"], figures["recovers"]) == (True, True)
    assert figures["highest"] > LIMIT
    assert figures["lowest"] is None or figures["lowest"] < LIMIT
    assert log.count("overhead_limit") >= 8
    assert figures["shed"]["digests"] > 0


def test_durations_count_every_call(told) -> None:
    """The histogram has every call, whatever was left undone."""
    figures, sink, _ = told
    counted = sum(
        point.count
        for point in points_of(sink, "db.client.operation.duration")
        if attributes_of(point)["db.operation.name"] == "SELECT"
    )
    assert counted == figures["fast"] + figures["slow"] + figures["failed"]


def test_slow_and_failed_calls_keep_their_spans(told) -> None:
    """Each slow or failed call has its span; of fast ones each has, or is counted as shed."""
    figures, sink, _ = told
    reasons = [attributes_of(span).get("otelmon.keep") for span in calls_in(sink)]
    assert reasons.count("error") == figures["failed"]
    assert reasons.count("slow_db") >= figures["slow"]
    # A fast call that the squeeze made slow is slow.
    fast = reasons.count(None) + reasons.count("slow_db") - figures["slow"]
    assert figures["shed"]["spans"] > 0
    assert fast + figures["shed"]["spans"] == figures["fast"]


def test_what_was_shed_is_a_metric(told) -> None:
    """The counter says by kind what the process knows, and the share was told."""
    figures, sink, _ = told
    points = points_of(sink, "otelmon.overhead.shed")
    assert {attributes_of(point)["otelmon.shed.kind"]: point.as_int for point in points} == figures["shed"]
    assert points_of(sink, "otelmon.overhead.ratio")
