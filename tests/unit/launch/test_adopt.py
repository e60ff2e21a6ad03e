"""Exporting processors that others set up are marked and booked, and left as they were afterwards."""

from __future__ import annotations

import gc
import weakref

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from otelmon import guard
from otelmon.launch.adopt import Adoption
from otelmon.ledger import Counts, Ledger
from otelmon.processors.marked_span import MarkedSpan
from otelmon.settings import Settings

SECRET = "planted-4711"


@pytest.fixture
def ledger():
    """Yields the ledger of an adoption that is undone afterwards."""
    books = Ledger()
    adoption = Adoption(Settings(), books)
    adoption.install()
    yield books
    adoption.undo()


def finish_a_query(provider: TracerProvider) -> None:
    """Ends one database span with a literal in it."""
    attributes = {"db.system.name": "postgresql", "db.query.text": f"select '{SECRET}'"}
    span = provider.get_tracer("t").start_span("SELECT", kind=SpanKind.CLIENT, attributes=attributes, start_time=1)
    span.end(600_000_001)


@pytest.mark.parametrize("kind", [SimpleSpanProcessor, BatchSpanProcessor])
def test_processor_made_before_or_after_is_marked_and_booked(ledger: Ledger, kind: type) -> None:
    """The vendor's exporter receives the marked span; its account balances."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(kind(exporter))
    finish_a_query(provider)
    provider.force_flush()
    (span,) = exporter.get_finished_spans()
    assert span.attributes["otelmon.keep"] == "slow_db"
    assert SECRET not in span.to_json()
    assert ledger.snapshot() == {"InMemorySpanExporter": Counts(1, 1, {})}
    provider.shutdown()


def test_two_exporters_get_one_copy_each_and_one_account_each(ledger: Ledger) -> None:
    """Each back end has its own books."""
    exporters = [InMemorySpanExporter(), InMemorySpanExporter()]
    provider = TracerProvider(shutdown_on_exit=False)
    for exporter in exporters:
        provider.add_span_processor(SimpleSpanProcessor(exporter))
    finish_a_query(provider)
    assert [len(exporter.get_finished_spans()) for exporter in exporters] == [1, 1]
    assert list(ledger.snapshot()) == ["InMemorySpanExporter", "InMemorySpanExporter#2"]
    provider.shutdown()


def test_exporter_that_cannot_be_wrapped_is_not_booked_but_marked(ledger: Ledger) -> None:
    """Unknown delivery is no account rather than a wrong one."""
    seen: list = []
    bare = _without_dict(seen)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(bare))
    finish_a_query(provider)
    assert seen[0].attributes["otelmon.keep"] == "slow_db"
    assert ledger.snapshot() == {}
    provider.shutdown()


def _without_dict(seen: list):
    class Slotted:
        __slots__ = ()

        def export(self, spans) -> SpanExportResult:
            seen.extend(spans)
            return SpanExportResult.SUCCESS

        def shutdown(self) -> None:
            """Has nothing to close."""

    return Slotted()


def test_failing_mark_still_redacts(ledger: Ledger, monkeypatch) -> None:
    """Where our own code fails, the span leaves without marks and without its literals."""
    from otelmon.launch import adopt

    def fail(*_: object) -> None:
        raise RuntimeError

    guard.set_strict(False)
    monkeypatch.setattr(adopt, "marked", fail)
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    finish_a_query(provider)
    guard.reset()
    guard.set_strict(True)
    (span,) = exporter.get_finished_spans()
    assert isinstance(span, MarkedSpan)
    assert SECRET not in span.to_json()
    assert ledger.snapshot()["InMemorySpanExporter"].started == 0
    provider.shutdown()


def test_undo_restores_classes_and_exporters() -> None:
    """The functions are the very same objects as before."""
    before = [vars(cls)[name] for cls in (BatchSpanProcessor, SimpleSpanProcessor) for name in ("on_end", "shutdown")]
    adoption = Adoption(Settings(), Ledger())
    adoption.install()
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    finish_a_query(provider)
    adoption.undo()
    after = [vars(cls)[name] for cls in (BatchSpanProcessor, SimpleSpanProcessor) for name in ("on_end", "shutdown")]
    assert all(now is then for now, then in zip(after, before, strict=True))
    assert "export" not in vars(exporter)
    provider.shutdown()


def test_adoption_keeps_no_processor_alive(ledger: Ledger) -> None:
    """A processor that its owner lets go is gone, with its exporter."""
    processor = SimpleSpanProcessor(InMemorySpanExporter())
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(processor)
    finish_a_query(provider)
    gone, exporter_gone = weakref.ref(processor), weakref.ref(processor.span_exporter)
    provider.shutdown()
    del provider, processor
    gc.collect()
    assert (gone(), exporter_gone()) == (None, None)
    assert ledger.snapshot()["InMemorySpanExporter"].queued == 0


def test_span_after_the_shutdown_is_lost_to_it(ledger: Ledger) -> None:
    """A processor that is shut down lets spans go, and the books say why."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(InMemorySpanExporter()))
    tracer = provider.get_tracer("t")
    late = tracer.start_span("late")
    finish_a_query(provider)
    provider.shutdown()
    late.end()
    gc.collect()
    assert ledger.snapshot()["InMemorySpanExporter"] == Counts(2, 1, {"shutdown": 1})
