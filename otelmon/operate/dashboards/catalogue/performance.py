"""How fast, how much, and what is left: requests, pools, GitHub's budgets, caches, the server."""

from __future__ import annotations

from otelmon.operate.dashboards.panel import Dashboard, Query, Row, curve
from otelmon.operate.dashboards.promql import counted

REQUESTS = "http_server_request_duration_seconds"
CALLS = "db_client_operation_duration_seconds"
USED = 'db_client_connection_count{APP,db_client_connection_state="used"}'
IDLE = 'db_client_connection_count{APP,db_client_connection_state="idle"}'
POOL = "{{db_client_connection_pool_name}}"
LOOKUPS = "otelmon_cache_requests_total{APP}"
HITS = 'otelmon_cache_requests_total{APP,result=~"hit|stale_hit"}'
BUDGET = "{{resource}} of {{owner}}"


def percentile(share: str, histogram: str, matchers: str, by: str = "le") -> str:
    """Returns PromQL of a percentile."""
    return f"histogram_quantile({share}, sum by ({by}) (rate({histogram}_bucket{{{matchers}}}[RATE])))"


PERFORMANCE = Dashboard(
    "performance",
    "otelmon: performance",
    "How fast, how much, and what is left.",
    (
        Row(
            "Requests and database calls",
            (
                curve(
                    "requests",
                    "Requests",
                    "Requests to the service by route, a second.",
                    Query(f"sum by (http_route) (rate({REQUESTS}_count{{APP}}[RATE]))", "{{http_route}}"),
                    unit="reqps",
                ),
                curve(
                    "request time",
                    "Time of requests",
                    "Half, 95 and 99 in a hundred are quicker. Points are requests of traces.",
                    Query(percentile("0.5", REQUESTS, "APP"), "50 %"),
                    Query(percentile("0.95", REQUESTS, "APP"), "95 %"),
                    Query(percentile("0.99", REQUESTS, "APP"), "99 %"),
                    unit="s",
                ),
                curve(
                    "calls",
                    "Database calls",
                    "Calls by operation, a second: all of them, whatever is sampled.",
                    Query(f"sum by (db_operation_name) (rate({CALLS}_count{{APP,DB}}[RATE]))", "{{db_operation_name}}"),
                    unit="ops",
                ),
                curve(
                    "call time",
                    "Time of database calls",
                    "Of all calls together; the dashboard of queries shows each statement.",
                    Query(percentile("0.5", CALLS, "APP,DB"), "50 %"),
                    Query(percentile("0.95", CALLS, "APP,DB"), "95 %"),
                    Query(percentile("0.99", CALLS, "APP,DB"), "99 %"),
                    unit="s",
                    keep="slow_db",
                ),
            ),
        ),
        Row(
            "Connection pools",
            (
                curve(
                    "pool sizes",
                    "Connections of pools",
                    "In use, idle, and the most that the pools of all processes open.",
                    Query(f"sum by (db_client_connection_pool_name) ({USED})", f"used {POOL}"),
                    Query(
                        f"sum by (db_client_connection_pool_name) ({IDLE})",
                        f"idle {POOL}",
                    ),
                    Query("sum by (db_client_connection_pool_name) (db_client_connection_max{APP})", f"max {POOL}"),
                ),
                curve(
                    "held longest",
                    "Oldest checkout",
                    "For how long the connection held longest has been out; it falls when it comes back.",
                    Query(
                        "max by (db_client_connection_pool_name)"
                        " (otelmon_db_client_connection_held_longest_seconds{APP})",
                        POOL,
                    ),
                    unit="s",
                ),
                curve(
                    "pool waits",
                    "Waiting for a connection",
                    "95 in a hundred waited less; empty for pools that refuse at once, as psycopg2's.",
                    Query(
                        percentile(
                            "0.95",
                            "db_client_connection_wait_time_seconds",
                            "APP",
                            "le, db_client_connection_pool_name",
                        ),
                        POOL,
                    ),
                    unit="s",
                ),
            ),
        ),
        Row(
            "GitHub",
            (
                curve(
                    "budget",
                    "Requests left",
                    "Of each budget; it jumps up when its window starts anew.",
                    Query("min by (owner, resource) (otelmon_github_rate_limit_remaining{APP})", BUDGET),
                ),
                curve(
                    "forecast",
                    "Budget spent in, and starts anew in",
                    "Where the first line lies below the second, the budget will not last.",
                    Query(
                        "min by (owner, resource) (otelmon_github_rate_limit_exhausted_in_seconds{APP})",
                        f"spent: {BUDGET}",
                    ),
                    Query(
                        "max by (owner, resource) (otelmon_github_rate_limit_reset_in_seconds{APP})", f"anew: {BUDGET}"
                    ),
                    unit="s",
                ),
                curve(
                    "spenders",
                    "Who spends the budget",
                    "Points by line of code, in the time shown.",
                    Query(
                        "topk(10, sum by (code_function_name, code_file_path, code_line_number)"
                        f" ({counted('otelmon_github_code_points_total{APP}', 'RANGE')}))",
                        "{{code_function_name}} {{code_file_path}}:{{code_line_number}}",
                    ),
                ),
            ),
        ),
        Row(
            "Caches",
            (
                curve(
                    "cache hits",
                    "Hits of caches",
                    "Share of look-ups that a cache answered; empty while nobody asks.",
                    Query(
                        f"sum by (cache_name) ({counted(HITS, 'RATE')})"
                        f" / (sum by (cache_name) ({counted(LOOKUPS, 'RATE')}) > 0)",
                        "{{cache_name}}",
                    ),
                    unit="percentunit",
                ),
                curve(
                    "cache entries",
                    "Entries of caches",
                    "How much each holds.",
                    Query("sum by (cache_name) (otelmon_cache_size{APP})", "{{cache_name}}"),
                ),
                curve(
                    "cache evictions",
                    "Let go",
                    "Entries that caches let go to make room, a second.",
                    Query("sum by (cache_name) (rate(otelmon_cache_evictions_total{APP}[RATE]))", "{{cache_name}}"),
                    unit="ops",
                ),
            ),
        ),
        Row(
            "Database server",
            (
                curve(
                    "sessions",
                    "Sessions by state",
                    "Sessions of clients.",
                    Query(
                        "sum by (postgresql_state) (otelmon_postgresql_connection_count{ENV})", "{{postgresql_state}}"
                    ),
                ),
                curve(
                    "block hits",
                    "Blocks found in shared buffers",
                    "Share of blocks that need not be read from outside.",
                    Query(
                        "sum by (db_namespace) (increase(postgresql_blks_hit_total{ENV,DB}[RATE]))"
                        " / (sum by (db_namespace) (increase(postgresql_blks_hit_total{ENV,DB}[RATE]))"
                        " + sum by (db_namespace) (increase(postgresql_blks_read_total{ENV,DB}[RATE])) > 0)",
                        "{{db_namespace}}",
                    ),
                    unit="percentunit",
                ),
                curve(
                    "transactions",
                    "Transactions",
                    "Committed and rolled back, a second.",
                    Query(
                        "sum by (db_namespace) (rate(postgresql_commits_total{ENV,DB}[RATE]))",
                        "committed {{db_namespace}}",
                    ),
                    Query(
                        "sum by (db_namespace) (rate(postgresql_rollbacks_total{ENV,DB}[RATE]))",
                        "rolled back {{db_namespace}}",
                    ),
                    unit="ops",
                ),
                curve(
                    "size",
                    "Size of databases",
                    "On disk.",
                    Query("max by (db_namespace) (postgresql_db_size_bytes{ENV,DB})", "{{db_namespace}}"),
                    unit="bytes",
                ),
            ),
        ),
    ),
)
