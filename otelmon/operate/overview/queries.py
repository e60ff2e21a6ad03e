"""Every figure that is asked of the store of metrics, as data: PromQL that VictoriaMetrics and Prometheus both take.

The metrics are those of docs/signals.md and docs/observe.md in Prometheus' names. Workers of one service are summed,
save budgets of GitHub, of which the worst is right.
"""

from __future__ import annotations

from dataclasses import dataclass

from otelmon.operate.dashboards.promql import counted

# Figures older than this are of a process that has ended, or cannot reach the store any more.
FRESH = "[1m]"
RECENT = "[15m]"
# The label that tells figures of one answer apart, and what stands behind the name where it is a time.
FIGURE = "figure"
NEWEST = " newest"


@dataclass(frozen=True, slots=True)
class Query:
    """Describes one figure of a section.

    ``metric`` is the series whose newest point gives the figure's age; ``expression`` is PromQL grouped by ``by``.
    """

    section: str
    figure: str
    metric: str
    expression: str
    by: tuple[str, ...]
    unit: str = ""

    @property
    def parts(self) -> tuple[str, str]:
        """Returns PromQL for the figure, and for the time of its newest point by the same labels."""
        newest = f"max by ({', '.join(self.by)}) (timestamp({self.metric}))"
        return _named(self.expression, self.figure), _named(newest, f"{self.figure}{NEWEST}")


def _named(expression: str, figure: str) -> str:
    """Returns an expression whose result carries a label, so that many can be asked for at once."""
    return f'label_replace({expression}, "{FIGURE}", "{figure}", "", "")'


def _grouped(aggregate: str, by: tuple[str, ...], inner: str) -> str:
    return f"{aggregate} by ({', '.join(by)}) ({inner})"


def _now(section: str, figure: str, metric: str, by: tuple[str, ...], unit: str = "", aggregate: str = "sum") -> Query:  # noqa: PLR0913, PLR0917 - a row of the table below
    return Query(section, figure, metric, _grouped(aggregate, by, f"last_over_time({metric}{FRESH})"), by, unit)


def _recent(section: str, figure: str, metric: str, by: tuple[str, ...], unit: str = "") -> Query:
    return Query(section, figure, metric, _grouped("sum", by, _counted(metric)), by, unit)


def _counted(metric: str) -> str:
    """Returns PromQL of how much was counted lately, what a process counted before its first point included."""
    return counted(metric, RECENT.strip("[]"))


_CALL = ("service_name", "db_namespace", "db_operation_name", "db_collection_name")
_CALLS = "db_client_operation_duration_seconds"
_SERVER = ("server_address", "server_port")
_STATEMENT = (*_SERVER, "postgresql_queryid", "postgresql_rolname")
_POOL = ("service_name", "db_client_connection_pool_name")
_BUDGET = ("owner", "resource")
_CACHE = ("service_name", "cache_name")
_EXPORTER = ("service_name", "exporter")
_QUEUE = ("exporter", "data_type")
_PROCESS = ("service_name", "service_instance_id")
_PG = "otelmon_postgresql_"
_GITHUB = "otelmon_github_rate_limit_"
_POOLS = "db_client_connection_"
_LOOKUPS = "otelmon_cache_requests_total"
_HITS = f'{_LOOKUPS}{{result=~"hit|stale_hit"}}'

QUERIES: tuple[Query, ...] = (
    _recent("statements", "slow", "otelmon_db_client_slow_operations_total", _CALL),
    _recent("statements", "calls", f"{_CALLS}_count", _CALL),
    _recent("statements", "errors", f'{_CALLS}_count{{error_type!=""}}', _CALL),
    Query(
        "statements",
        "p95",
        f"{_CALLS}_count",
        f"histogram_quantile(0.95, {_grouped('sum', ('le', *_CALL), f'rate({_CALLS}_bucket{RECENT})')})",
        _CALL,
        "s",
    ),
    _recent("server statements", "time", f"{_PG}statement_time_seconds_total", _STATEMENT, "s"),
    _recent("server statements", "calls", f"{_PG}statement_calls_total", _STATEMENT),
    _now("session states", "sessions", f"{_PG}connection_count", (*_SERVER, "postgresql_state")),
    _now("server", "up", f"{_PG}up_ratio", _SERVER, aggregate="min"),
    _now("server", "connections max", "postgresql_connection_max", _SERVER, aggregate="max"),
    _now("server", "connections available", f"{_PG}connection_available", _SERVER, aggregate="max"),
    _now("server", "utilization", f"{_PG}connection_utilization_ratio", _SERVER, "1", "max"),
    _now("server", "blocked", f"{_PG}blocked_count", _SERVER, aggregate="max"),
    _now("server", "blocked longest", f"{_PG}blocked_longest_seconds", _SERVER, "s", "max"),
    _now("server", "transaction longest", f"{_PG}transaction_longest_seconds", _SERVER, "s", "max"),
    _now("server", "idle in transaction longest", f"{_PG}transaction_idle_longest_seconds", _SERVER, "s", "max"),
    _now("pools", "used", f'{_POOLS}count{{db_client_connection_state="used"}}', _POOL),
    _now("pools", "idle", f'{_POOLS}count{{db_client_connection_state="idle"}}', _POOL),
    _now("pools", "max", f"{_POOLS}max", _POOL),
    _now("pools", "waiting", f"{_POOLS}pending_requests", _POOL),
    _now("pools", "held longest", "otelmon_db_client_connection_held_longest_seconds", _POOL, "s", "max"),
    _recent("pools", "timeouts", f"{_POOLS}timeouts_total", _POOL),
    _recent("pools", "leaked", "otelmon_db_client_connection_leaked_total", _POOL),
    _now("github", "limit", f"{_GITHUB}limit", _BUDGET, aggregate="max"),
    _now("github", "remaining", f"{_GITHUB}remaining", _BUDGET, aggregate="min"),
    _now("github", "used", f"{_GITHUB}used", _BUDGET, aggregate="max"),
    _now("github", "reset in", f"{_GITHUB}reset_in_seconds", _BUDGET, "s", "max"),
    _now("github", "exhausted in", f"{_GITHUB}exhausted_in_seconds", _BUDGET, "s", "min"),
    _now("github", "answered", f"{_GITHUB}age_seconds", _BUDGET, "s", "min"),
    Query(
        "caches",
        "hit ratio",
        _LOOKUPS,
        f"{_grouped('sum', _CACHE, _counted(_HITS))} / ({_grouped('sum', _CACHE, _counted(_LOOKUPS))} > 0)",
        _CACHE,
        "1",
    ),
    _recent("caches", "look-ups", _LOOKUPS, _CACHE),
    _recent("caches", "evictions", "otelmon_cache_evictions_total", _CACHE),
    _now("caches", "size", "otelmon_cache_size", _CACHE),
    # Since the processes began: started = delivered + lost + queued holds for what was counted from the same start.
    _now("delivery", "started", "otelmon_spans_started_total", _EXPORTER),
    _now("delivery", "delivered", "otelmon_spans_delivered_total", _EXPORTER),
    _now("losses", "lost", "otelmon_spans_lost_total", (*_EXPORTER, "reason")),
    _recent("losses", "lost recently", "otelmon_spans_lost_total", (*_EXPORTER, "reason")),
    _now("collector", "queue", "otelcol_exporter_queue_size", _QUEUE),
    _now("collector", "queue capacity", "otelcol_exporter_queue_capacity", _QUEUE),
    _recent("failures", "spans", "otelcol_exporter_send_failed_spans_total", ("exporter",)),
    _recent("failures", "log records", "otelcol_exporter_send_failed_log_records_total", ("exporter",)),
    _recent("failures", "metric points", "otelcol_exporter_send_failed_metric_points_total", ("exporter",)),
    Query(
        "processes",
        "heartbeat age",
        "otelmon_heartbeat_seconds",
        _grouped("min", _PROCESS, "time() - otelmon_heartbeat_seconds"),
        _PROCESS,
        "s",
    ),
    _now("views", "up", f"{_PG}view_up_ratio", (*_SERVER, "otelmon_view", "otelmon_reason"), aggregate="min"),
    _recent("own errors", "errors", "otelmon_internal_errors_total", ("service_name", "site")),
)
SECTIONS = tuple(dict.fromkeys(each.section for each in QUERIES))


def question(section: str) -> str:
    """Returns one expression for all figures of a section and their times: a busy store is asked once, not often."""
    return " or ".join(part for each in QUERIES if each.section == section for part in each.parts)
