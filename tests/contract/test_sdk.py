"""What otelmon relies on in the OpenTelemetry SDK; a new SDK version that breaks one of these breaks otelmon."""

from __future__ import annotations

import inspect
import logging

import pytest
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk import _configuration
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SimpleSpanProcessor

from otelmon.launch.quiet import EXPORTER_LOGGERS, READERS_OF_HEADERS


def test_configurator_takes_our_arguments() -> None:
    """The configurator hands these two keyword arguments on."""
    parameters = inspect.signature(_configuration._initialize_components).parameters
    assert {"export_span_processor", "exporter_args_map"} <= set(parameters)


@pytest.mark.parametrize("exporter", [OTLPSpanExporter, OTLPMetricExporter, OTLPLogExporter])
def test_exporters_take_a_session(exporter: type) -> None:
    """The three OTLP/HTTP exporters accept a session, under which deliveries are booked."""
    assert "session" in inspect.signature(exporter.__init__).parameters


@pytest.mark.parametrize("processor", [BatchSpanProcessor, SimpleSpanProcessor])
def test_exporting_processors_can_be_adopted(processor: type) -> None:
    """Each defines its own ``on_end`` and ``shutdown`` and shows its exporter."""
    assert {"on_end", "shutdown"} <= set(vars(processor))
    made = processor(ConsoleSpanExporter())
    assert isinstance(made.span_exporter, ConsoleSpanExporter)
    made.shutdown()


def test_the_queue_can_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch processor's queue takes a span as ``on_end`` would put it there."""
    from otelmon.calls.leaf_span import LeafSpan
    from otelmon.processors.batching import ShortBatchSpanProcessor

    sent: list[ReadableSpan] = []
    monkeypatch.setattr(ConsoleSpanExporter, "export", lambda _, spans: sent.extend(spans))
    monkeypatch.setattr(BatchSpanProcessor, "on_end", lambda *_: pytest.fail("the long way"))
    processor, span = ShortBatchSpanProcessor(ConsoleSpanExporter()), LeafSpan()
    processor.on_end(span)
    processor.force_flush()
    assert sent == [span]
    processor.shutdown()


def test_another_release_has_the_usual_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the queue is not where it was, spans go through ``on_end``."""
    from otelmon.calls.leaf_span import LeafSpan
    from otelmon.processors.batching import ShortBatchSpanProcessor

    taken: list[ReadableSpan] = []
    processor, span = ShortBatchSpanProcessor(ConsoleSpanExporter()), LeafSpan()
    monkeypatch.setattr(processor, "_queue", None)
    monkeypatch.setattr(BatchSpanProcessor, "on_end", lambda _, span: taken.append(span))
    processor.on_end(span)
    assert taken == [span]
    processor.shutdown()


def test_spans_are_frozen_before_processors_see_their_end(caplog: pytest.LogCaptureFixture) -> None:
    """A processor cannot add to a span that ends, which is why marks stand on a copy."""
    seen: list[ReadableSpan] = []

    class Late(SpanProcessor):
        def on_end(self, span: ReadableSpan) -> None:
            seen.append(span)

    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(Late())
    with caplog.at_level(logging.WARNING):
        span = provider.get_tracer("t").start_span("x")
        span.end()
        span.set_attribute("late", True)
    assert "late" not in seen[0].attributes
    provider.shutdown()


def test_marked_span_has_every_public_property_of_a_readable_span() -> None:
    """A property that a new SDK adds must be forwarded or redacted, never inherited from an empty base."""
    from otelmon.processors.marked_span import MarkedSpan

    public = {name for name, value in vars(ReadableSpan).items() if isinstance(value, property)}
    # Deprecated since 1.11.1; it reads the underscored field, which comes from the redacted copy.
    ours = {name for cls in MarkedSpan.__mro__ if cls.__module__.startswith("otelmon.") for name in vars(cls)}
    assert public - {"instrumentation_info"} <= ours


@pytest.mark.parametrize("name", [*EXPORTER_LOGGERS, *READERS_OF_HEADERS])
def test_quietened_loggers_are_those_of_the_sdk(name: str) -> None:
    """The filter sits on loggers that the SDK really writes to."""
    module = __import__(name, fromlist=["_logger"])
    assert module._logger.name == name
