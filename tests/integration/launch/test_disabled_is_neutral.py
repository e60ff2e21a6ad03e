"""``OTELMON_DISABLED=true`` beside OpenTelemetry alone: same modules, same functions, same bytes, same output."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.otlp_sink import OtlpSink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.launch.conftest import Run

OFFICIAL_DISTRO = Path(__file__).parents[3] / ".cache" / "distro"
# Ids come from a seeded generator and times are given, so that equal runs export equal bytes.
PROGRAM = dedent("""\
    import hashlib, inspect, json, random, sys, types
    import psycopg2.extras, psycopg2.pool, requests, urllib3
    from opentelemetry import trace

    random.seed(4711)
    tracer = trace.get_tracer("shop")
    span = tracer.start_span("page", start_time=1_700_000_000_000_000_000, attributes={"db.statement": "SELECT 'x'"})
    with trace.use_span(span):
        child = tracer.start_span("SELECT", start_time=1_700_000_001_000_000_000, kind=trace.SpanKind.CLIENT)
        child.record_exception(ValueError("refused"), timestamp=1_700_000_001_500_000_000)
        child.end(1_700_000_002_000_000_000)
    span.end(1_700_000_003_000_000_000)
    print("the application's own line")
    print("and its error", file=sys.stderr)

    def shape(owner, depth=0):
        for name, value in sorted(vars(owner).items(), key=lambda item: str(item[0])):
            if isinstance(value, types.FunctionType):
                yield f"{name} {value.__module__}.{value.__qualname__} {value.__code__.co_filename}"
            elif isinstance(value, type) and depth < 1:
                yield from (f"{name}.{each}" for each in shape(value, depth + 1))

    watched = ("psycopg2", "requests", "urllib3", "opentelemetry", "functools", "http.client")
    functions = {
        name: list(shape(module)) for name, module in sorted(sys.modules.items())
        if name.split(".")[0] in watched or name in watched
    }
    with open(sys.argv[1], "w") as file:
        json.dump({"modules": sorted(sys.modules), "functions": functions}, file)
    """)


@pytest.fixture
def other_sink() -> Iterator[OtlpSink]:
    """Yields a second receiver."""
    receiver = OtlpSink()
    yield receiver
    receiver.close()


def without_otelmon(folder: Path) -> Path:
    """Returns a path entry in front of which otelmon is a package that registers nothing."""
    info = folder / "otelmon-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: otelmon\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("")
    return folder


def look(run, tmp_path: Path, name: str, **options: object) -> tuple[Run, dict[str, object]]:
    """Runs the program and returns the run with what it found in itself."""
    script, found = tmp_path / "program.py", tmp_path / f"{name}.json"
    script.write_text(PROGRAM)
    done = run(str(script), str(found), OTEL_TRACES_EXPORTER="otlp", OTEL_METRICS_EXPORTER="none", **options)
    assert done.code == 0, done.stderr
    return done, json.loads(found.read_text())


def traces(sink: OtlpSink) -> list[bytes]:
    """Returns the bodies of the exports of spans."""
    return [body for path, body in sink.raw if path == "/v1/traces"]


def test_disabled_is_as_if_it_were_not_installed(run, tmp_path: Path, other_sink: OtlpSink) -> None:
    """Nothing but the few modules that read the switch tells the two processes apart."""
    protocol = {
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_LOGS_EXPORTER": "none",
        # Drawn anew by the SDK for each process unless it is given.
        "OTEL_RESOURCE_ATTRIBUTES": "service.instance.id=one",
    }
    plain, before = look(
        run,
        tmp_path,
        "plain",
        path=(without_otelmon(tmp_path / "none"), OFFICIAL_DISTRO),
        endpoint=other_sink.endpoint,
        **protocol,
    )
    disabled, after = look(run, tmp_path, "disabled", path=(OFFICIAL_DISTRO,), OTELMON_DISABLED="true", **protocol)
    disabled.sink.incomplete = "without otelmon nobody keeps books"
    assert not [name for name in before["modules"] if name.startswith("otelmon")]
    more = set(after["modules"]) - set(before["modules"])
    assert {name.partition(".")[0] for name in more} <= {"otelmon"}, sorted(more)
    assert after["functions"] == before["functions"]
    assert (disabled.stdout, disabled.stderr) == (plain.stdout, plain.stderr)
    assert traces(disabled.sink) == traces(other_sink) != []


def test_enabled_is_seen_by_the_same_look(run, tmp_path: Path) -> None:
    """Where otelmon is on, the look finds its functions, so that its silence means something."""
    _, found = look(run, tmp_path, "enabled", path=(OFFICIAL_DISTRO,))
    assert "otelmon" in str(found["functions"])
