"""Events are log records with a name, in the context of a span where there is one."""

from __future__ import annotations

import pytest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor

from otelmon.exporters import events


@pytest.mark.parametrize(("trace_id", "span_id"), [(7, 8), (0, 0)], ids=["in a trace", "outside any trace"])
def test_event(monkeypatch: pytest.MonkeyPatch, trace_id: int, span_id: int) -> None:
    """Name, attributes and ids arrive."""
    exporter = InMemoryLogRecordExporter()
    provider = LoggerProvider(shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    monkeypatch.setattr(events, "get_logger", provider.get_logger)
    events.emit_event("otelmon.test", {"a": 1}, trace_id=trace_id, span_id=span_id)
    (log,) = exporter.get_finished_logs()
    record = log.log_record
    assert (record.event_name, dict(record.attributes), record.severity_text) == ("otelmon.test", {"a": 1}, "WARN")
    assert (record.trace_id, record.span_id) == (trace_id, span_id)
    provider.shutdown()


def test_logger_provider_is_the_global_one() -> None:
    """The shutdown of all signals asks for it here."""
    assert events.current_logger_provider() is not None
