"""The way of telemetry: spans lost, the Collector's queues and exporters, back ends, the disk."""

from __future__ import annotations

from dataclasses import replace

from otelmon.operate.alerts.promql import APPLICATION, ENVIRONMENT, fresh, grown, total
from otelmon.operate.alerts.rule import Rule

EXPORTER = f"service_name, {ENVIRONMENT}, exporter"
SIGNALS = ("spans", "metric_points", "log_records")

LOST = Rule(
    alert="OtelmonSpansLost",
    severity="warning",
    group="pipeline",
    team="platform",
    summary="{{ $labels.service_name }} loses spans: {{ $labels.reason }}",
    value=grown("otelmon_spans_lost_total", f"{APPLICATION}, exporter, reason"),
    compare=">=",
    limit="spans_lost",
    form="count",
    hold=0,
    tier="health",
)
QUEUE = replace(
    LOST,
    alert="OtelmonCollectorQueue",
    summary="the Collector's queue for {{ $labels.exporter }} ({{ $labels.data_type }}) fills up",
    value=f"sum by ({EXPORTER}, data_type) ({fresh('otelcol_exporter_queue_size')})\n"
    f"/\n"
    f"sum by ({EXPORTER}, data_type) ({fresh('otelcol_exporter_queue_capacity')} > 0)",
    limit="collector_queue_warning",
    form="ratio",
    hold=-1,
)


def grown_of_any(metric: str) -> str:
    """Returns how far a counter of an exporter has risen, whatever the signal: each is absent until the first event."""
    return "\nor\n".join(grown(metric.format(each), EXPORTER) for each in SIGNALS)


DROPPING = replace(
    QUEUE,
    alert="OtelmonCollectorDropping",
    severity="critical",
    summary="the Collector's queue for {{ $labels.exporter }} is full, and what comes is dropped",
    value=grown_of_any("otelcol_exporter_enqueue_failed_{}_total"),
    compare=">",
    limit="0",
    form="count",
    hold=0,
)
FAILING = replace(
    DROPPING,
    alert="OtelmonExportFailing",
    summary="{{ $labels.exporter }} refuses what the Collector sends, and it is lost",
    value=grown_of_any("otelcol_exporter_send_failed_{}_total"),
)
# What the Collector's own limits take away before an exporter sees it, and what they send back to the senders.
AT_ITS_LIMITS = (
    "otelcol_processor_tail_sampling_sampling_trace_dropped_too_early_total",
    "otelcol_processor_tail_sampling_traces_dropped_too_large_total",
    *(f"otelcol_processor_memory_limiter_refused_{each}_total" for each in SIGNALS),
)
OVERRUN = replace(
    DROPPING,
    alert="OtelmonCollectorOverrun",
    severity="warning",
    summary="more comes to the Collector than its limits of memory and traces let in",
    value="\nor\n".join(grown(each, f"service_name, {ENVIRONMENT}") for each in AT_ITS_LIMITS),
)
SENT = "\nor ".join(f"{total(f'otelcol_exporter_sent_{each}_total', EXPORTER, '45s')} > 0" for each in SIGNALS)
# While an exporter tries again nothing counts as failed: what tells is that something waits and nothing is sent.
DOWN = replace(
    DROPPING,
    alert="OtelmonBackendDown",
    summary="{{ $labels.exporter }} takes nothing from the Collector; what comes waits on disk",
    value=f"(\n  sum by ({EXPORTER}) (min_over_time(otelcol_exporter_queue_size[45s])) > 0\n"
    # Not one that has just been started and has not sent yet.
    f"  and sum by ({EXPORTER}) (last_over_time(otelcol_exporter_queue_size[30s] offset 30s)) > 0\n"
    f"  unless\n  ({SENT})\n)",
)
DISK = replace(
    QUEUE,
    alert="OtelmonDiskNearlyFull",
    summary="the disk under {{ $labels.path }} is nearly full",
    value=f"1 - min by (service_name, {ENVIRONMENT}, instance, path) ({fresh('vm_free_disk_space_bytes')})\n"
    f"/\n"
    f"min by (service_name, {ENVIRONMENT}, instance, path) ({fresh('vm_total_disk_space_bytes')})",
    limit="disk_used_warning",
    service="victoriametrics",
)

RULES = (
    LOST,
    QUEUE,
    replace(QUEUE, severity="critical", limit="collector_queue_critical"),
    DROPPING,
    FAILING,
    OVERRUN,
    DOWN,
    DISK,
    replace(DISK, severity="critical", limit="disk_used_critical"),
)
