"""A small application that Flask serves, as those of small_applications.py."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING
from unittest.mock import patch

import flask
from opentelemetry import trace
from opentelemetry.instrumentation._semconv import _OpenTelemetrySemanticConventionStability as Conventions
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult

from otelmon.launch.figures import deliver_figures
from otelmon.launch.finished_spans import FinishedSpans
from tests.integration.psycopg2.conftest import SCOPE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from opentelemetry.sdk.trace import ReadableSpan

    from otelmon.registry import HookRegistry
    from tests.fault.rig.small_applications import Place

PATHS = "/items/1", "/items/2", "/absent", "/adds", "/fails"


class _Reading(SpanExporter):
    """Looks at what an exporter looks at, and keeps nothing of ten thousand rounds."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        for each in spans:
            dict(each.attributes or {})
        return SpanExportResult.SUCCESS


def flask_application(place: Place) -> Iterator[list[object]]:
    """Answers a request, one that is not found, one that adds to its span, and one that fails."""
    app = flask.Flask("small")

    @app.route("/items/<name>")
    def item(name: str) -> str:
        return name

    @app.route("/adds")
    def adds() -> str:
        trace.get_current_span().set_attribute("tenant", "t-1")
        return ""

    @app.route("/fails")
    def fails() -> str:
        raise ValueError("planted")

    with _traced(app, place.registry):
        client = app.test_client()
        while True:
            yield [(each.status, each.data) for each in map(client.get, PATHS)]


@contextmanager
def _traced(app: flask.Flask, registry: HookRegistry | None) -> Iterator[None]:
    """Has OpenTelemetry's instrumentation trace an application, where it is observed."""
    if registry is None:
        yield
        return
    tracers = TracerProvider(shutdown_on_exit=False)
    tracers.add_span_processor(SimpleSpanProcessor(_Reading()))
    meters = MeterProvider([InMemoryMetricReader()], shutdown_on_exit=False)
    registry.finished_span_takers = lambda tracer: FinishedSpans(tracer).takers
    silence = deliver_figures(meters, SCOPE, registry, heartbeat=lambda: 1, spans=dict)
    # The names that otelmon chooses; the instrumentation reads the choice once a process.
    Conventions._initialized = False
    with patch.dict(os.environ, {"OTEL_SEMCONV_STABILITY_OPT_IN": "http"}):
        FlaskInstrumentor.instrument_app(app, tracer_provider=tracers, meter_provider=meters)
    try:
        yield
    finally:
        Conventions._initialized = False
        FlaskInstrumentor().uninstrument_app(app)
        silence()
        tracers.shutdown()
        meters.shutdown()
