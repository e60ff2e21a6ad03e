"""What needs somebody: slow, failed, leaked, refused, blocked."""

from __future__ import annotations

from otelmon.operate.dashboards.panel import Dashboard, Query, Row, bars, curve, figure
from otelmon.operate.dashboards.promql import counted

CALLS = "db_client_operation_duration_seconds_count"
SLOW = "otelmon_db_client_slow_operations_total{APP,DB}"
FAILED = f'{CALLS}{{APP,DB,error_type!=""}}'
NONE_OF_CALLS = f"0 * sum({CALLS}{{APP,DB}})"
LEAKED = "otelmon_db_client_connection_leaked_total{APP}"
REFUSED = "db_client_connection_timeouts_total{APP}"
NONE_OF_POOLS = "0 * sum(db_client_connection_count{APP})"
REPEATED = "otelmon_db_client_n_plus_one_total{APP,DB}"
THROTTLED = "otelmon_github_throttled_total{APP}"
NONE_OF_REQUESTS = "0 * sum(otelmon_github_requests_total{APP})"
STATEMENT = "{{db_operation_name}} {{db_collection_name}}"

PROBLEMS = Dashboard(
    "problems",
    "otelmon: problems",
    "What needs somebody: slow, failed, leaked, refused, blocked. Each count is of the time shown.",
    (
        Row(
            "In the time shown",
            (
                figure(
                    "slow calls",
                    "Slow database calls",
                    "Calls that took OTELMON_SLOW_QUERY_THRESHOLD or longer. The link leads to their traces.",
                    f"sum({counted(SLOW, 'RANGE')}) or {NONE_OF_CALLS}",
                    warning="slow_queries_warning",
                    critical="slow_queries_critical",
                    keep="slow_db",
                ),
                figure(
                    "failed calls",
                    "Failed database calls",
                    "Calls that the server refused or that broke off.",
                    f"sum({counted(FAILED, 'RANGE')}) or {NONE_OF_CALLS}",
                    keep="error",
                ),
                figure(
                    "leaks",
                    "Leaked connections",
                    "Connections out longer than OTELMON_LEAK_AFTER without a statement running.",
                    f"sum({counted(LEAKED, 'RANGE')}) or {NONE_OF_POOLS}",
                    keep="leak",
                ),
                figure(
                    "refusals",
                    "Refused by a pool",
                    "Requests for a connection that a pool could not serve in time.",
                    f"sum({counted(REFUSED, 'RANGE')}) or {NONE_OF_POOLS}",
                    warning="pool_refused",
                ),
                figure(
                    "throttles",
                    "Throttled by GitHub",
                    "Requests that GitHub refused by its primary or secondary limit.",
                    f"sum({counted(THROTTLED, 'RANGE')}) or {NONE_OF_REQUESTS}",
                    warning="github_throttled",
                    keep="throttled",
                ),
                figure(
                    "blocked",
                    "Blocked sessions now",
                    "Sessions of the database that wait for a lock of others.",
                    "sum(otelmon_postgresql_blocked_count{ENV})",
                ),
            ),
        ),
        Row(
            "Database calls",
            (
                bars(
                    "slow by statement",
                    "Slow calls by statement",
                    "The statements that were slow; statements of several tables have the operation only.",
                    Query(f"sum by (db_operation_name, db_collection_name) ({counted(SLOW, 'STEP')})", STATEMENT),
                    keep="slow_db",
                ),
                bars(
                    "failed by error",
                    "Failed calls by SQLSTATE",
                    "23505 is a violated unique index, 40P01 a deadlock, 57014 a statement timeout.",
                    Query(
                        f"sum by (error_type, db_operation_name) ({counted(FAILED, 'STEP')})",
                        "{{error_type}} {{db_operation_name}}",
                    ),
                    keep="error",
                ),
                bars(
                    "n plus one",
                    "Repeated statements",
                    "Statements that one request executed five times or more from one line.",
                    Query(
                        f"sum by (otelmon_n_plus_one_kind, db_collection_name) ({counted(REPEATED, 'STEP')})",
                        "{{otelmon_n_plus_one_kind}} {{db_collection_name}}",
                    ),
                ),
            ),
        ),
        Row(
            "Pools and GitHub",
            (
                curve(
                    "pool used",
                    "Share of each pool in use",
                    "At 1 nobody gets a connection any more.",
                    Query(
                        "sum by (db_client_connection_pool_name)"
                        ' (db_client_connection_count{APP,db_client_connection_state="used"})'
                        " / sum by (db_client_connection_pool_name) (db_client_connection_max{APP})",
                        "{{db_client_connection_pool_name}}",
                    ),
                    unit="percentunit",
                    warning="pool_pressure_warning",
                    critical="pool_pressure_critical",
                ),
                bars(
                    "leaks by pool",
                    "Leaked connections by kind",
                    "in_transaction ones also hold locks and keep vacuum from its work.",
                    Query(
                        f"sum by (db_client_connection_pool_name, kind) ({counted(LEAKED, 'STEP')})",
                        "{{db_client_connection_pool_name}} {{kind}}",
                    ),
                    keep="leak",
                ),
                bars(
                    "throttles by kind",
                    "Throttled by kind",
                    "primary: the budget is spent; secondary: too many at once, or too fast.",
                    Query(f"sum by (resource, kind) ({counted(THROTTLED, 'STEP')})", "{{resource}} {{kind}}"),
                    keep="throttled",
                ),
            ),
        ),
        Row(
            "Database server",
            (
                curve(
                    "longest waits",
                    "Longest waits",
                    "The longest wait for a lock, and the longest time that nothing ran in an open transaction.",
                    Query("max(otelmon_postgresql_blocked_longest_seconds{ENV})", "blocked"),
                    Query("max(otelmon_postgresql_transaction_idle_longest_seconds{ENV})", "idle in transaction"),
                    unit="s",
                    warning="blocked_warning",
                    critical="blocked_critical",
                ),
                curve(
                    "server connections",
                    "Share of the server's connections in use",
                    "Of what applications can open, reserved ones left out.",
                    Query(
                        "max by (server_address, server_port) (otelmon_postgresql_connection_utilization_ratio{ENV})",
                        "{{server_address}}:{{server_port}}",
                    ),
                    unit="percentunit",
                    warning="server_connections_warning",
                    critical="server_connections_critical",
                ),
                bars(
                    "deadlocks",
                    "Deadlocks and lost sessions",
                    "Deadlocks that the server broke, and sessions that ended by themselves.",
                    Query(
                        "sum by (db_namespace) (increase(postgresql_deadlocks_total{ENV,DB}[STEP]))",
                        "deadlocks {{db_namespace}}",
                    ),
                    Query(
                        "sum by (otelmon_reason) (increase(otelmon_postgresql_session_lost_total{ENV,DB}[STEP]))",
                        "sessions {{otelmon_reason}}",
                    ),
                ),
                curve(
                    "wraparound",
                    "Transaction ids used",
                    "At 1 the server refuses writes.",
                    Query(
                        "max by (db_namespace) (otelmon_postgresql_wraparound_used_ratio{ENV,DB})", "{{db_namespace}}"
                    ),
                    unit="percentunit",
                    warning="wraparound_warning",
                    critical="wraparound_critical",
                ),
                curve(
                    "replication",
                    "Replication lag",
                    "Log not yet visible at a receiver.",
                    Query(
                        "max by (replication_client) (postgresql_replication_data_delay_bytes{ENV})",
                        "{{replication_client}}",
                    ),
                    unit="bytes",
                    warning="replication_lag_warning",
                    critical="replication_lag_critical",
                ),
            ),
        ),
    ),
)
