"""A canary is one trace of two spans: an ordinary one, and a kept one below it."""

from __future__ import annotations

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from otelmon.watch.canary import CanaryRounds, send_canary


def test_two_spans_of_one_trace() -> None:
    """Both carry the mark, the inner one alone is kept; an open span of the caller is not their parent."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("t")
    with tracer.start_as_current_span("request"):
        trace_id = send_canary(tracer)
    kept, sampled = (span for span in exporter.get_finished_spans() if span.name.startswith("otelmon.canary"))
    assert (dict(kept.attributes), dict(sampled.attributes)) == (
        {"otelmon.canary": True, "otelmon.keep": "canary"},
        {"otelmon.canary": True},
    )
    assert {span.context.trace_id for span in (kept, sampled)} == {trace_id}
    assert (kept.parent.span_id, sampled.parent) == (sampled.context.span_id, None)


def test_a_head_sampler_is_told_to_let_it_through() -> None:
    """The kept span of a canary that a sampler drops is promoted."""
    promoted: list[int] = []
    send_canary(TracerProvider(sampler=ALWAYS_OFF).get_tracer("t"), promoted.append)
    assert len(promoted) == 1


def test_one_each_interval() -> None:
    """The first round sends one, later rounds when the interval is over; an interval of 0 sends none."""
    now, sent = [100.0], []
    ((_, task),) = CanaryRounds(15_000, lambda: sent.append(now[0]), lambda: now[0]).tasks()
    for now[0] in (100.0, 100.5, 114.9, 115.0, 129.0, 131.0):
        task()
    assert sent == [100.0, 115.0, 131.0]
    assert CanaryRounds(0, lambda: 1 / 0).tasks() == []
