"""Connection pools of applications: pressure, exhaustion, leaks."""

from __future__ import annotations

from dataclasses import replace

from otelmon.operate.alerts.promql import APPLICATION, fresh, grown, total
from otelmon.operate.alerts.rule import Rule

POOL = f"{APPLICATION}, db_client_connection_pool_name"
USED = fresh('db_client_connection_count{db_client_connection_state="used"}')
# The name of a pool tells its server and database, as host:port/database#1 does.
PLACE = "$labels.db_client_connection_pool_name"

PRESSURE = Rule(
    alert="OtelmonPoolPressure",
    severity="warning",
    group="pools",
    team="application",
    summary="the connection pool {{ $labels.db_client_connection_pool_name }} of {{ $labels.service_name }} is nearly "
    "used up",
    value=f"sum by ({POOL}) ({USED})\n/\nsum by ({POOL}) ({fresh('db_client_connection_max')})",
    compare=">=",
    limit="pool_pressure_warning",
    form="ratio",
    database=f'{{{{ reReplaceAll "^[^/]*/|#[^#]*$" "" {PLACE} }}}}',
    server=f'{{{{ reReplaceAll "/.*$" "" {PLACE} }}}}',
    tier="performance",
)
# psycopg2's pool refuses at once, which counts as a timeout; others keep waiting, which is exhaustion when it lasts.
EXHAUSTED = replace(
    PRESSURE,
    alert="OtelmonPoolExhausted",
    severity="critical",
    summary="the connection pool {{ $labels.db_client_connection_pool_name }} of {{ $labels.service_name }} has no "
    "connection to give",
    value=f"{grown('db_client_connection_timeouts_total', POOL)}\n"
    f"or\n"
    f"sum by ({POOL}) (min_over_time(db_client_connection_pending_requests[30s])) > 0",
    limit="pool_refused",
    form="count",
    hold=0,
    keep="error",
)
LEAKS = replace(
    PRESSURE,
    alert="OtelmonConnectionLeaks",
    summary="{{ $labels.service_name }} takes connections from {{ $labels.db_client_connection_pool_name }} and does "
    "not return them",
    value=f"{grown('otelmon_db_client_connection_leaked_total', POOL, '3m')}\n"
    f"/\n"
    f"{total('otelmon_db_client_connection_checkouts_total', POOL, '3m')}",
    limit="leak_rate",
    guard=f"{total('otelmon_db_client_connection_checkouts_total', POOL, '3m')} >= ${{leak_least_checkouts}}",
    hold=0,
    keep="leak",
)

RULES = (
    PRESSURE,
    replace(PRESSURE, severity="critical", limit="pool_pressure_critical"),
    EXHAUSTED,
    LEAKS,
)
