"""The locks of the SDK's providers, which a fork may leave held for ever, are all found and freed."""

from __future__ import annotations

import math
import threading
from typing import Any

import pytest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

from otelmon.launch.forked_locks import free_locks


class _Kept(ConsoleMetricExporter):
    """Keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def export(self, metrics_data: Any, *_: Any, **__: Any) -> Any:
        """Notes the names of metrics."""
        for resource in metrics_data.resource_metrics:
            self.names += [metric.name for scope in resource.scope_metrics for metric in scope.metrics]


@pytest.fixture
def reader() -> PeriodicExportingMetricReader:
    """Returns a reader that collects when it is told to."""
    return PeriodicExportingMetricReader(_Kept(), export_interval_millis=math.inf)


@pytest.fixture
def provider(reader: PeriodicExportingMetricReader) -> MeterProvider:
    """Returns a provider with one counter that has been used."""
    provider = MeterProvider([reader], shutdown_on_exit=False)
    provider.get_meter("application").create_counter("used").add(1, {"label": "value"})
    return provider


def hold(*locks: Any) -> None:
    """Has a thread take locks and end, which is what a fork makes of the parent's threads."""
    thread = threading.Thread(target=lambda: [each.acquire() for each in locks])
    thread.start()
    thread.join()


def locks_of_metrics(provider: Any, reader: Any) -> dict[str, Any]:
    """Returns every lock on the way from a call to an export, by its name in the SDK."""
    meter = provider.get_meter("application")
    consumer = provider._measurement_consumer
    storage = consumer._reader_storages[reader]
    (match,) = next(iter(storage._instrument_view_instrument_matches.values()))
    aggregation = next(iter(match._attributes_aggregation.values()))
    return {
        "provider": provider._lock,
        "meters": provider._meter_lock,
        "instruments": meter._instrument_ids_lock,
        "registration": meter._instrument_registration_lock,
        "collection": consumer._lock,
        "storage": storage._lock,
        "match": match._lock,
        "aggregation": aggregation._lock,
        "export": reader._export_lock,
        "end": reader._shutdown_event._cond._lock,
    }


def test_metrics_are_collected_and_exported_after_threads_ended_with_all_locks(
    provider: MeterProvider, reader: PeriodicExportingMetricReader
) -> None:
    """Calls, collection, export and shutdown go on."""
    locks = locks_of_metrics(provider, reader)
    hold(*locks.values())
    assert free_locks(provider) == len(locks)
    provider.get_meter("application").create_counter("new").add(1)
    reader.collect()
    exporter: Any = reader._exporter
    assert exporter.names == ["used", "new"]
    provider.shutdown()


def test_locks_of_spans_and_logs_are_freed() -> None:
    """A tracer and a logger can be had, and a batch exported."""
    batch = BatchSpanProcessor(ConsoleSpanExporter())
    traces, logs = TracerProvider(shutdown_on_exit=False), LoggerProvider(shutdown_on_exit=False)
    traces.add_span_processor(batch)
    locks: list[Any] = [
        traces._tracers_lock,
        traces._active_span_processor._lock,
        batch._batch_processor._export_lock,
        logs._multi_log_record_processor._lock,
    ]
    hold(*locks)
    free_locks(traces, logs)
    assert [each.locked() for each in locks] == [False] * len(locks)
    traces.shutdown()
    logs.shutdown()


def test_what_is_free_or_not_the_sdks_stays(provider: MeterProvider) -> None:
    """Nothing is done where nothing is held, or where a lock belongs to the application."""
    assert free_locks(provider) == 0
    foreign = threading.Lock()
    hold(foreign)
    provider.kept_by_the_application = type("Foreign", (), {"lock": None})()  # type: ignore[attr-defined]
    provider.kept_by_the_application.lock = foreign  # type: ignore[attr-defined]
    assert free_locks(provider) == 0
    assert foreign.locked()
    provider.shutdown()


def test_a_lock_of_the_forking_thread_stays_its_own() -> None:
    """A re-entrant lock that this thread holds is held still."""
    lock = threading.RLock()
    with lock:
        assert free_locks([lock]) == 0
    hold(lock)
    assert free_locks([lock]) == 1
