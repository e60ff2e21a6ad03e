"""What an observer sees of a PostgreSQL server: sessions, locks, limits."""

from __future__ import annotations

from dataclasses import replace

from otelmon.operate.alerts.promql import SERVER, fresh, total
from otelmon.operate.alerts.rule import Rule

PLACE = "{{ $labels.server_address }}:{{ $labels.server_port }}"

IDLE = Rule(
    alert="OtelmonIdleInTransaction",
    severity="warning",
    group="server",
    team="database",
    summary=f"a transaction on {PLACE} is open and nothing runs in it",
    value=f"max by ({SERVER}) ({fresh('otelmon_postgresql_transaction_idle_longest_seconds')})",
    compare=">=",
    limit="idle_in_transaction_warning",
    form="seconds",
    # The figure is a time of waiting already.
    hold=0,
    server=PLACE,
)
BLOCKING = replace(
    IDLE,
    alert="OtelmonBlockingChain",
    summary=f"sessions on {PLACE} wait for locks of one another",
    value=f"max by ({SERVER}) ({fresh('otelmon_postgresql_blocked_longest_seconds')})",
    limit="blocked_warning",
)
CONNECTIONS = replace(
    IDLE,
    alert="OtelmonServerConnections",
    summary=f"the connections that {PLACE} allows are nearly used up",
    value=f"max by ({SERVER}) ({fresh('otelmon_postgresql_connection_utilization_ratio')})",
    limit="server_connections_warning",
    form="ratio",
    hold=-1,
    tier="health",
)
CONNECTIONS_EXHAUSTED = replace(
    CONNECTIONS,
    alert="OtelmonServerConnectionsExhausted",
    severity="critical",
    summary=f"{PLACE} takes no more connections of applications",
    value=f"min by ({SERVER}) ({fresh('otelmon_postgresql_connection_available')})",
    compare="<=",
    limit="0",
    form="count",
    hold=0,
)
# Read once a minute.
WRAPAROUND = replace(
    CONNECTIONS,
    alert="OtelmonWraparound",
    summary=f"the database {{{{ $labels.db_namespace }}}} on {PLACE} runs out of transaction ids",
    value=f"max by ({SERVER}, db_namespace) ({fresh('otelmon_postgresql_wraparound_used_ratio', '3m')})",
    limit="wraparound_warning",
    database="{{ $labels.db_namespace }}",
)
DATABASE = f"{SERVER}, db_namespace"
HIT, READ = (total(f"postgresql_blks_{each}_total", DATABASE, "2m") for each in ("hit", "read"))
CACHE_HIT = replace(
    WRAPAROUND,
    alert="OtelmonDatabaseCacheHit",
    summary=f"the database {{{{ $labels.db_namespace }}}} on {PLACE} reads much from outside shared buffers",
    value=f"{HIT}\n/\n({HIT} + {READ})",
    compare="<",
    limit="database_cache_hit",
    guard=f"({HIT} + {READ}) >= ${{database_cache_least_blocks}}",
    tier="performance",
)

RULES = (
    IDLE,
    replace(IDLE, severity="critical", limit="idle_in_transaction_critical"),
    BLOCKING,
    replace(BLOCKING, severity="critical", limit="blocked_critical"),
    CONNECTIONS,
    replace(CONNECTIONS, severity="critical", limit="server_connections_critical"),
    CONNECTIONS_EXHAUSTED,
    WRAPAROUND,
    replace(WRAPAROUND, severity="critical", limit="wraparound_critical"),
    CACHE_HIT,
)
