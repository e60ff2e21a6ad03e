"""Who is there: databases, observers, services and their watch threads, the Collector, and alerting itself."""

from __future__ import annotations

from dataclasses import replace

from otelmon.operate.alerts.catalogue.server import PLACE
from otelmon.operate.alerts.promql import APPLICATION, ENVIRONMENT, SERVER, fresh, silent, total
from otelmon.operate.alerts.rule import Rule

UP, VIEW_UP = "otelmon_postgresql_up_ratio", "otelmon_postgresql_view_up_ratio"
# Reasons with which an observer reads a view nevertheless.
READABLE = "ok|outdated"
HEARTBEAT, ENDED = "otelmon_heartbeat_seconds", "otelmon_ended_seconds"
PROCESS = f"service_name, {ENVIRONMENT}, service_instance_id"

DATABASE_DOWN = Rule(
    alert="OtelmonDatabaseDown",
    severity="critical",
    group="presence",
    team="database",
    summary=f"the observer cannot connect to the database on {PLACE}",
    value=f"max by ({SERVER}) ({fresh(UP)})",
    compare="<",
    limit="1",
    form="count",
    server=PLACE,
    tier="health",
)
OBSERVER_ABSENT = replace(
    DATABASE_DOWN,
    alert="OtelmonObserverAbsent",
    team="platform",
    summary=f"nothing is heard of the observer of {PLACE}: nobody watches that database",
    value=silent(UP, SERVER),
    compare="",
    limit="",
    form="silence",
    hold=0,
)
BLIND = replace(
    DATABASE_DOWN,
    alert="OtelmonObserverBlind",
    severity="warning",
    summary=f"the observer of {PLACE} cannot read views ({{{{ $labels.otelmon_reason }}}}): their alerts are silent",
    # What a view was a moment ago is still in the store, under its reason of then.
    value=f"count by ({SERVER}, otelmon_reason) (\n"
    f"  {fresh(VIEW_UP)} == 0\n"
    f"  unless on ({SERVER}, otelmon_view) (\n"
    f'    max by ({SERVER}, otelmon_view) (timestamp({VIEW_UP}{{otelmon_reason=~"{READABLE}"}}))\n'
    f'    > max by ({SERVER}, otelmon_view) (timestamp({VIEW_UP}{{otelmon_reason!~"{READABLE}"}}))\n'
    f"  )\n"
    f")",
    compare=">=",
    limit="views_unreadable",
    hold=45,
)
SERVICE_SILENT = replace(
    OBSERVER_ABSENT,
    alert="OtelmonServiceSilent",
    team="application",
    summary="nothing is heard of any process of {{ $labels.service_name }}",
    # Whoever came to its end by itself was a job, and may be silent.
    value=f"max by (service_name, {ENVIRONMENT}) (\n"
    f"  last_over_time({HEARTBEAT}[1h])\n"
    f"  unless on ({PROCESS}) last_over_time({ENDED}[1h])\n"
    f")\n"
    f"unless\n"
    f"max by (service_name, {ENVIRONMENT}) (last_over_time({HEARTBEAT}[${{silent_after_seconds}}s]))",
    server="",
)
WATCHER_STOPPED = replace(
    SERVICE_SILENT,
    alert="OtelmonWatcherStopped",
    severity="warning",
    summary="a watch thread of {{ $labels.service_name }} has stopped: leaks and running slow calls go unseen",
    value=f"max by ({APPLICATION}) (time() - {fresh(HEARTBEAT)})",
    compare=">=",
    limit="watcher_stopped",
    form="seconds",
    hold=-1,
)
COLLECTOR_ABSENT = replace(
    SERVICE_SILENT,
    alert="OtelmonCollectorAbsent",
    team="platform",
    summary="nothing is heard of any Collector: all that applications and observers send is lost",
    value=silent("otelcol_process_uptime_seconds_total", f"service_name, {ENVIRONMENT}"),
)
# Counted by the Collector before it samples. Where a head sampler drops most of them too few come to miss one.
CANARY = 'traces_span_metrics_calls_total{span_name="otelmon.canary"}'
SERVICE = f"service_name, {ENVIRONMENT}"
CANARY_ABSENT = replace(
    COLLECTOR_ABSENT,
    alert="OtelmonCanaryAbsent",
    summary="canaries of {{ $labels.service_name }} do not reach the Collector any more: traces are lost on the way",
    value=f"{total(CANARY, SERVICE, '1h')} >= ${{canary_least_an_hour}}\n"
    f"unless\n"
    f"{total(CANARY, SERVICE, '${silent_after_seconds}s')} > 0",
    service="{{ $labels.service_name }}",
)
# It always fires. Whoever receives it raises the alarm when it stops coming.
WATCHDOG = replace(
    COLLECTOR_ABSENT,
    alert="OtelmonWatchdog",
    severity="none",
    summary="alerting works from end to end; silence of this alert is the alarm",
    value="vector(1)",
    form="count",
    service="otelmon",
)

RULES = (
    DATABASE_DOWN,
    OBSERVER_ABSENT,
    BLIND,
    SERVICE_SILENT,
    WATCHER_STOPPED,
    COLLECTOR_ABSENT,
    CANARY_ABSENT,
    WATCHDOG,
)
