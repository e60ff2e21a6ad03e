"""Which statement, which table, which index."""

from __future__ import annotations

from otelmon.operate.dashboards.catalogue.performance import CALLS, percentile
from otelmon.operate.dashboards.panel import Dashboard, Query, Row, curve, largest
from otelmon.operate.dashboards.promql import counted

KIND = "db_operation_name, db_collection_name"
KIND_AT = f"{KIND}, db_namespace, service_name"
SERVER = "postgresql_queryid, postgresql_rolname"
TABLE = "db_namespace, db_collection_name"


def _top(by: str, inner: str) -> str:
    """Returns PromQL of the ten largest, those that are nothing left out."""
    return f"topk(10, sum by ({by}) ({inner}) > 0)"


QUERIES = Dashboard(
    "queries",
    "otelmon: queries",
    "Which statement, which table, which index. `otelmon advise` says what to do about it.",
    (
        Row(
            "As the applications see them",
            (
                largest(
                    "most slow",
                    "Most slow calls",
                    "Statements by slow calls in the time shown; the link leads to their traces.",
                    _top(KIND_AT, counted("otelmon_db_client_slow_operations_total{APP,DB}", "RANGE")),
                    keep="slow_db",
                ),
                largest(
                    "most time",
                    "Most time altogether",
                    "Statements by the time that all their calls took in the time shown.",
                    _top(KIND_AT, counted(f"{CALLS}_sum{{APP,DB}}", "RANGE")),
                    unit="s",
                ),
                largest(
                    "most calls",
                    "Most calls",
                    "Statements by calls in the time shown.",
                    _top(KIND_AT, counted(f"{CALLS}_count{{APP,DB}}", "RANGE")),
                ),
                curve(
                    "time by statement",
                    "95th percentile by statement",
                    "Five in a hundred calls take longer; nothing above 10 s can be told apart.",
                    Query(
                        percentile("0.95", CALLS, "APP,DB", f"le, {KIND}"),
                        "{{db_operation_name}} {{db_collection_name}}",
                    ),
                    unit="s",
                    keep="slow_db",
                ),
            ),
        ),
        Row(
            "As the server sees them",
            (
                largest(
                    "server time",
                    "Most time in the server",
                    "Of pg_stat_statements, in the time shown. `select * from otelmon.statements` has their text.",
                    _top(SERVER, "increase(otelmon_postgresql_statement_time_seconds_total{ENV}[RANGE])"),
                    unit="s",
                ),
                largest(
                    "server calls",
                    "Most calls in the server",
                    "Statements of pg_stat_statements by calls in the time shown.",
                    _top(SERVER, "increase(otelmon_postgresql_statement_calls_total{ENV}[RANGE])"),
                ),
                curve(
                    "slow kept",
                    "Statements that were slow",
                    "Statements of pg_stat_statements whose slowest call reached the threshold, and how many are kept.",
                    Query("max(otelmon_postgresql_statements_slow{ENV})", "slow"),
                    Query(
                        "max by (db_namespace) (otelmon_postgresql_statements_kept{ENV,DB})", "kept {{db_namespace}}"
                    ),
                ),
            ),
        ),
        Row(
            "Tables and indexes",
            (
                largest(
                    "sequential scans",
                    "Scans of whole tables",
                    "Tables by sequential scans in the time shown.",
                    _top(TABLE, "increase(postgresql_sequential_scans_total{ENV,DB}[RANGE])"),
                ),
                largest(
                    "table sizes",
                    "Largest tables",
                    "As of the last vacuum or analyze.",
                    "topk(10, max by (db_namespace, db_collection_name) (postgresql_table_size_bytes{ENV,DB}))",
                    unit="bytes",
                ),
                curve(
                    "index findings",
                    "Indexes to look at",
                    "unused, duplicate, redundant, invalid, or missing for a foreign key.",
                    Query("max by (kind) (otelmon_postgresql_index_findings{ENV})", "{{kind}}"),
                ),
                curve(
                    "dead rows",
                    "Rows that vacuum can remove",
                    "Estimated, of all tables; and tables that are due.",
                    Query("max(otelmon_postgresql_dead_tuples{ENV})", "rows"),
                    Query("max(otelmon_postgresql_vacuum_due{ENV})", "tables due"),
                ),
                curve(
                    "index scans",
                    "Scans of indexes",
                    "The most used ones, a second.",
                    Query(
                        _top(
                            "db_collection_name, postgresql_index_name",
                            "rate(postgresql_index_scans_total{ENV,DB}[RATE])",
                        ),
                        "{{db_collection_name}} {{postgresql_index_name}}",
                    ),
                    unit="ops",
                ),
            ),
        ),
    ),
)
