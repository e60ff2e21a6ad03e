"""Under ``opentelemetry-instrument``, whoever has set the SDK up, each call arrives once, redacted and counted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.otlp_sink import attributes_of

if TYPE_CHECKING:
    from tests.conservation.books import BookedSink

HERE = Path(__file__).parent
WRAPPER = str(Path(sys.executable).parent / "opentelemetry-instrument")
CALLS = ["CONNECT", "SELECT items", "SELECT", "SELECT", "ROLLBACK", "INSERT items"]


def run(sink: BookedSink, dsn: str, *path: Path, **environment: str) -> None:
    """Runs the application to its end."""
    done = subprocess.run(
        [WRAPPER, sys.executable, str(HERE / "application.py"), dsn],
        env=sink.environment(*path, **environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    """Returns a path entry with a vendor's distro, which sets up spans only."""
    info = tmp_path / "acme_distro-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-distro\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[opentelemetry_distro]\nacme = acme_distro:Distro\n"
        "[opentelemetry_configurator]\nacme = acme_distro:Configurator\n"
    )
    (tmp_path / "acme_distro.py").write_text(
        dedent("""\
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.distro import BaseDistro
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor


        class Distro(BaseDistro):
            def _configure(self, **kwargs):
                pass


        class Configurator:
            def configure(self, **kwargs):
                provider = TracerProvider()
                provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
                trace.set_tracer_provider(provider)
        """)
    )
    return tmp_path


def assert_each_call_once(sink: BookedSink) -> None:
    """Asserts the spans that every set-up must deliver."""
    calls = sorted((span for span in sink.spans() if span.name != "page"), key=lambda span: span.start_time_unix_nano)
    assert [span.name for span in calls] == CALLS
    keeps = [attributes_of(span).get("otelmon.keep") for span in calls]
    assert keeps == [None, None, "slow_db", "error", None, None]
    (page,) = (span for span in sink.spans() if span.name == "page")
    assert {span.parent_span_id for span in calls[1:]} == {page.span_id}
    assert not [path for path, body in sink.raw if b"planted-4711" in body]


def test_wrapper_alone(sink: BookedSink, postgres_dsn: str) -> None:
    """With otelmon's own set-up there are one span per call, one histogram of all calls, the counter and two events."""
    run(sink, postgres_dsn)
    assert_each_call_once(sink)
    metrics = sink.metrics()
    duration = metrics["db.client.operation.duration"]
    assert (duration.unit, sum(point.count for point in duration.histogram.data_points)) == ("s", len(CALLS))
    assert [point.explicit_bounds[0] for point in duration.histogram.data_points] == [0.001] * 6
    assert "db.client.response.returned_rows" not in metrics
    assert [point.as_int for point in metrics["otelmon.db.client.slow_operations"].sum.data_points] == [1]
    # The slow call is told of while it runs as well, where the watch looks at that moment.
    events = [event.event_name for event in sink.events() if event.event_name != "otelmon.db.slow.running"]
    assert sorted(events) == ["otelmon.db.error", "otelmon.db.slow"]
    slow, failed = (
        next(e for e in sink.events() if e.event_name == f"otelmon.db.{name}") for name in ("slow", "error")
    )
    assert attributes_of(slow)["code.file.path"] == str(HERE / "application.py")
    assert attributes_of(failed)["db.response.status_code"] == "22P02"
    spans = {span.span_id for span in sink.spans()}
    assert {slow.span_id, failed.span_id} <= spans


def test_vendor_distro(sink: BookedSink, postgres_dsn: str, vendor: Path) -> None:
    """Under a vendor's distro the same spans arrive through the vendor's exporter."""
    run(sink, postgres_dsn, vendor)
    assert_each_call_once(sink)


def test_unsampled(sink: BookedSink, postgres_dsn: str) -> None:
    """With a head sampler that drops everything slow and failed calls arrive with their request; all are counted."""
    run(sink, postgres_dsn, OTEL_TRACES_SAMPLER="always_off")
    page, slow, failed = sorted(sink.spans(), key=lambda span: span.start_time_unix_nano)
    assert [attributes_of(span).get("otelmon.keep") for span in (page, slow, failed)] == [None, "slow_db", "error"]
    assert {attributes_of(span)["otelmon.promoted"] for span in (page, slow, failed)} == {True}
    assert (page.name, page.parent_span_id) == ("page", b"")
    assert {slow.parent_span_id, failed.parent_span_id} == {page.span_id}
    assert len({span.trace_id for span in (page, slow, failed)}) == 1
    assert not [path for path, body in sink.raw if b"planted-4711" in body]
    points = sink.metrics()["db.client.operation.duration"].histogram.data_points
    assert sum(point.count for point in points) == len(CALLS)
    # The slow call is told of while it runs as well, where the watch looks at that moment.
    events = [event.event_name for event in sink.events() if event.event_name != "otelmon.db.slow.running"]
    assert sorted(events) == ["otelmon.db.error", "otelmon.db.slow"]


def test_hook_disabled(sink: BookedSink, postgres_dsn: str) -> None:
    """``OTELMON_DISABLED_HOOKS=psycopg2`` leaves psycopg2 alone: no span of otelmon's, no histogram of its bounds."""
    run(
        sink,
        postgres_dsn,
        OTELMON_DISABLED_HOOKS="psycopg2",
        OTEL_PYTHON_DISABLED_INSTRUMENTATIONS="psycopg2",
    )
    assert [span.name for span in sink.spans()] == ["page"]
    assert "db.client.operation.duration" not in sink.metrics()
