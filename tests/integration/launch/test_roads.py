"""Whichever road switches otelmon on, the same marked telemetry arrives, and a vendor keeps what is the vendor's."""

from __future__ import annotations

import importlib.metadata
import shutil
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.otlp_sink import attributes_of

if TYPE_CHECKING:
    from tests.integration.launch.conftest import Run

REPOSITORY = Path(__file__).parents[3]
OFFICIAL_DISTRO = REPOSITORY / ".cache" / "distro"
PLANTED = b"planted-4711"


def assert_same_telemetry(run: Run) -> None:
    """Asserts what every road must deliver."""
    assert run.code == 0, run.stderr
    spans = {span.name: span for span in run.sink.spans()}
    slow, call, failed = attributes_of(spans["SELECT"]), attributes_of(spans["GET"]), attributes_of(spans["pay"])
    assert slow["otelmon.keep"] == "slow_db"
    assert slow["otelmon.slow"] is True
    assert failed["otelmon.keep"] == "error"
    assert call["otelmon.github.rate_limit.remaining"] == 4998
    assert call["otelmon.github.rate_limit.resource"] == "core"
    assert "otelmon.keep" not in attributes_of(spans["page"])
    assert len(run.sink.spans()) == len({span.span_id for span in run.sink.spans()}), "a span arrived twice"
    assert not [path for path, body in run.sink.raw if PLANTED in body]


def resource_of(run: Run) -> dict[str, object]:
    """Returns the resource that the spans arrived with."""
    return attributes_of(next(iter(run.sink.messages("/v1/traces"))).resource_spans[0].resource)


def otelmon_first(folder: Path) -> Path:
    """Returns a path entry that makes otelmon's entry points come before those of any other folder."""
    source = importlib.metadata.distribution("otelmon")
    info = folder / "otelmon-0.1.0.dist-info"
    info.mkdir(parents=True)
    for name in ("METADATA", "entry_points.txt"):
        (info / name).write_text(source.read_text(name) or "")
    return folder


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    """Returns a path entry with a vendor's distro: its own configurator, resource, exporter and processors."""
    folder = tmp_path / "vendor"
    info = folder / "acme_distro-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-distro\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        dedent("""\
        [opentelemetry_distro]
        acme = acme_distro:Distro
        [opentelemetry_configurator]
        acme = acme_distro:Configurator
        """)
    )
    (folder / "acme_distro.py").write_text(
        dedent("""\
        import os
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.distro import BaseDistro
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor


        class Distro(BaseDistro):
            def _configure(self, **kwargs):
                os.environ["ACME"] = "configured"


        class Configurator:
            def configure(self, **kwargs):
                provider = TracerProvider(resource=Resource({"acme.tenant": "t1"}))
                exporter = OTLPSpanExporter(headers={"x-acme": "1"})
                provider.add_span_processor(BatchSpanProcessor(exporter))
                trace.set_tracer_provider(provider)
        """)
    )
    return folder


def test_wrapper_without_a_distro(run) -> None:
    """``opentelemetry-instrument`` alone is enough: otelmon sets the SDK up with OTLP over HTTP."""
    done = run()
    assert_same_telemetry(done)
    assert resource_of(done)["service.name"] == "launch-test"
    assert "otelmon.heartbeat" in done.sink.metrics()


@pytest.mark.parametrize("first", [True, False], ids=["otelmon met first", "otelmon met last"])
def test_wrapper_with_the_official_distro(run, tmp_path: Path, first: bool) -> None:
    """``opentelemetry-distro`` sets the SDK up, and otelmon joins it."""
    path = (otelmon_first(tmp_path / "first"),) if first else ()
    done = run(path=(*path, OFFICIAL_DISTRO), OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf")
    assert_same_telemetry(done)
    assert resource_of(done)["telemetry.auto.version"]


@pytest.mark.parametrize("first", [True, False], ids=["otelmon met first", "otelmon met last"])
def test_wrapper_with_a_vendors_distro(run, tmp_path: Path, vendor: Path, first: bool) -> None:
    """A vendor's resource and exporter stay, and its spans are marked."""
    path = (otelmon_first(tmp_path / "first"),) if first else ()
    done = run(path=(*path, vendor))
    assert_same_telemetry(done)
    assert resource_of(done)["acme.tenant"] == "t1"


CONFIGURATION = """\
file_format: "1.0"
resource:
  attributes:
    - name: service.name
      value: from-file
tracer_provider:
  processors:
    - batch:
        exporter:
          otlp_http:
            endpoint: {endpoint}/v1/traces
instrumentation/development:
  python:
    otelmon:
      slow_query_threshold_ms: {threshold}
"""


@pytest.mark.parametrize("official_distro", [True, False], ids=["official distro", "no distro"])
def test_configuration_file(run, sink, tmp_path: Path, official_distro: bool) -> None:
    """``OTEL_CONFIG_FILE`` names otelmon with options, whether a distro reads it or otelmon does."""
    file = tmp_path / "otel.yaml"
    file.write_text(CONFIGURATION.format(endpoint=sink.endpoint, threshold=599))
    path = (OFFICIAL_DISTRO,) if official_distro else ()
    done = run(path=path, OTEL_CONFIG_FILE=str(file))
    assert_same_telemetry(done)
    assert resource_of(done)["service.name"] == "from-file"
    slow = next(span for span in done.sink.spans() if span.name == "SELECT")
    assert attributes_of(slow)["otelmon.slow_threshold_ms"] == 599


CODE = """\
import runpy, sys
import otelmon
from opentelemetry.instrumentation.requests import RequestsInstrumentor
otelmon.instrument(slow_query_threshold_ms=250)
otelmon.instrument()
RequestsInstrumentor().instrument()
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_code(run, tmp_path: Path) -> None:
    """``otelmon.instrument()`` does what the wrapper does, and may be called twice."""
    script = tmp_path / "start.py"
    script.write_text(CODE)
    application = shutil.copy(Path(__file__).parent / "application.py", tmp_path)
    done = run(str(script), application, wrapper=False)
    assert_same_telemetry(done)
    slow = next(span for span in done.sink.spans() if span.name == "SELECT")
    assert attributes_of(slow)["otelmon.slow_threshold_ms"] == 250


def test_wrapper_and_code(run, tmp_path: Path) -> None:
    """A service that is started with the wrapper and calls instrument as well has one otelmon, without a complaint."""
    script = tmp_path / "start.py"
    script.write_text(CODE.replace("slow_query_threshold_ms=250", ""))
    application = shutil.copy(Path(__file__).parent / "application.py", tmp_path)
    done = run(str(script), application)
    assert_same_telemetry(done)
    assert "already_active" not in done.stderr


def test_sdk_that_the_application_sets_up_itself_is_joined(run, tmp_path: Path) -> None:
    """A processor that the application adds after the activation is marked too."""
    script = tmp_path / "start.py"
    script.write_text(
        dedent("""\
        import runpy, sys
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        trace.get_tracer_provider().add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
        sys.argv = sys.argv[1:]
        runpy.run_path(sys.argv[0], run_name="__main__")
        """)
    )
    application = shutil.copy(Path(__file__).parent / "application.py", tmp_path)
    done = run(str(script), application, OTEL_TRACES_EXPORTER="none")
    assert_same_telemetry(done)


@pytest.mark.parametrize(
    "environment",
    [
        {"OTELMON_SLOW_QUERY_THRESHOLD": "fast"},
        {"OTELMON_DISABLED": "yes"},
        {"OTELMON_LABEL_LIMIT": "-1"},
    ],
    ids=lambda environment: next(iter(environment)),
)
def test_unreadable_setting_gives_one_warning_and_the_application_starts(run, environment: dict[str, str]) -> None:
    """The default is used, the variable is named once."""
    done = run(**environment)
    assert_same_telemetry(done)
    (name,) = environment
    assert done.stderr.count(name) == 1


def test_exporter_that_does_not_exist_leaves_the_application_running(run) -> None:
    """A wrong OpenTelemetry setting costs telemetry, is said in one line, and nothing else."""
    done = run(OTEL_TRACES_EXPORTER="nonsense", code=7)
    assert done.code == 7
    assert "sdk_not_configured" in done.stderr
    assert len(done.stderr.splitlines()) <= 4, done.stderr
    assert "Traceback" not in done.stderr
