"""Slow database calls: absolutely, and against what the same statement usually takes."""

from __future__ import annotations

from dataclasses import replace

from otelmon.operate.alerts.promql import APPLICATION, ENVIRONMENT, SERVER, grown, total
from otelmon.operate.alerts.rule import Rule

SLOW = Rule(
    alert="OtelmonSlowQueries",
    severity="warning",
    group="queries",
    team="application",
    summary="{{ $labels.service_name }} makes slow calls to the database {{ $labels.db_namespace }}",
    value=grown("otelmon_db_client_slow_operations_total", f"{APPLICATION}, db_namespace"),
    compare=">=",
    limit="slow_queries_warning",
    form="count",
    database="{{ $labels.db_namespace }}",
    keep="slow_db",
    tier="queries",
)

# The version is left out: a new one is compared with what the old one took.
CALL = f"service_name, {ENVIRONMENT}, server_address, server_port, db_namespace, db_operation_name, db_collection_name"
SUM = 'db_client_operation_duration_seconds_sum{error_type=""}'
COUNT = 'db_client_operation_duration_seconds_count{error_type=""}'
AGO = "${usual_offset_seconds}s"
NOW = f"({total(SUM, CALL, '2m')} / {total(COUNT, CALL, '2m')})"
USUAL = f"({total(SUM, CALL, '1h', AGO)} / {total(COUNT, CALL, '1h', AGO)})"

SLOWER = Rule(
    alert="OtelmonQueriesSlowerThanUsual",
    severity="warning",
    group="queries",
    team="application",
    summary="{{ $labels.db_operation_name }} {{ $labels.db_collection_name }} of {{ $labels.service_name }} takes much "
    "longer than it used to",
    value=f"{NOW}\n/\n{USUAL}",
    compare=">=",
    limit="slower_than_usual",
    form="times",
    guard=f"{NOW} >= ${{slower_floor_seconds}}\n"
    f"and {total(COUNT, CALL, '2m')} >= ${{slower_least_calls}}\n"
    f"and {total(COUNT, CALL, '1h', AGO)} >= ${{slower_least_calls}}",
    database="{{ $labels.db_namespace }}",
    server="{{ $labels.server_address }}:{{ $labels.server_port }}",
    keep="slow_db",
    tier="queries",
)

# Read every half minute, so that two minutes hold three readings at least.
STATEMENT = f"{SERVER}, postgresql_queryid, postgresql_rolname"
TIME, CALLS = "otelmon_postgresql_statement_time_seconds_total", "otelmon_postgresql_statement_calls_total"
NOW_OF_STATEMENT = f"({total(TIME, STATEMENT, '2m')} / {total(CALLS, STATEMENT, '2m')})"
USUAL_OF_STATEMENT = f"({total(TIME, STATEMENT, '1h', AGO)} / {total(CALLS, STATEMENT, '1h', AGO)})"

STATEMENT_SLOWER = replace(
    SLOWER,
    alert="OtelmonStatementSlowerThanUsual",
    team="database",
    summary="the statement {{ $labels.postgresql_queryid }} of role {{ $labels.postgresql_rolname }} takes much longer "
    "than it used to",
    value=f"{NOW_OF_STATEMENT}\n/\n{USUAL_OF_STATEMENT}",
    guard=f"{NOW_OF_STATEMENT} >= ${{slower_floor_seconds}}\n"
    f"and {total(CALLS, STATEMENT, '2m')} >= ${{slower_least_calls}}\n"
    f"and {total(CALLS, STATEMENT, '1h', AGO)} >= ${{slower_least_calls}}",
    database="",
    keep="",
)

RULES = (
    SLOW,
    replace(SLOW, severity="critical", limit="slow_queries_critical"),
    SLOWER,
    STATEMENT_SLOWER,
)
