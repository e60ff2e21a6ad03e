"""Every threshold of the alert rules, and which of them must stay below which.

Defaults are those that production rules of PostgreSQL, GitHub's limits and connection pools agree on; `otelmon
baseline` proposes better ones from a system's own past.
"""

from __future__ import annotations

from otelmon.operate.alerts.threshold import Threshold

KIB, MIB = 1024, 1024**2
RATIO, SECONDS, BYTES, MINUTE = "1", "s", "By", "{event}/min"

THRESHOLDS: tuple[Threshold, ...] = (
    Threshold("slow_queries_warning", 5, MINUTE, 1, 1e6, "Slow database calls in a minute, of a service and database."),
    Threshold("slow_queries_critical", 20, MINUTE, 1, 1e6, "The same, critical."),
    Threshold("slower_than_usual", 3, RATIO, 1.1, 1000, "Mean time of two minutes as a multiple of the hour before."),
    Threshold("slower_floor_seconds", 0.05, SECONDS, 0, 3600, "Calls quicker than this in the mean are never slower."),
    Threshold("slower_least_calls", 30, "{call}", 1, 1e6, "Fewest calls in two minutes that are judged."),
    Threshold("usual_offset_seconds", 300, SECONDS, 120, 86_400, "How long ago the hour ends that is the usual."),
    Threshold("database_errors_warning", 0.01, RATIO, 0.0001, 1, "Failed share of database calls in a minute."),
    Threshold("database_errors_critical", 0.05, RATIO, 0.0001, 1, "The same, critical."),
    Threshold("database_errors_least_calls", 20, "{call}", 1, 1e6, "Fewest calls in a minute that are judged."),
    Threshold("error_budget", 0.001, RATIO, 1e-6, 0.5, "Share of requests that may fail: 1 - objective."),
    Threshold("burn_rate_warning", 6, RATIO, 1, 1000, "Errors as a multiple of the budget, over 6 h and 30 min."),
    Threshold("burn_rate_critical", 14.4, RATIO, 1, 1000, "Errors as a multiple of the budget, over 1 h and 5 min."),
    Threshold("burn_rate_least_requests", 50, "{request}", 1, 1e6, "Fewest requests in the shorter window."),
    Threshold("burn_rate_least_errors", 5, "{request}", 1, 1e6, "Fewest failed requests in the shorter window."),
    Threshold("pool_pressure_warning", 0.8, RATIO, 0.01, 1, "Used share of a pool, all workers together."),
    Threshold("pool_pressure_critical", 0.9, RATIO, 0.01, 1, "The same, critical."),
    Threshold("pool_refused", 1, MINUTE, 1, 1e6, "Requests in a minute for which a pool had no connection."),
    Threshold("leak_rate", 0.01, RATIO, 0.0001, 1, "Leaked share of the connections that a pool handed out."),
    Threshold("leak_least_checkouts", 20, "{connection}", 1, 1e6, "Fewest checkouts in three minutes that are judged."),
    Threshold("idle_in_transaction_warning", 60, SECONDS, 1, 86_400, "For how long nothing runs in a transaction."),
    Threshold("idle_in_transaction_critical", 300, SECONDS, 1, 86_400, "The same, critical."),
    Threshold("blocked_warning", 10, SECONDS, 0.5, 86_400, "The longest wait for a lock of another session."),
    Threshold("blocked_critical", 60, SECONDS, 0.5, 86_400, "The same, critical."),
    Threshold("server_connections_warning", 0.8, RATIO, 0.01, 1, "Used share of the server's connections."),
    Threshold("server_connections_critical", 0.9, RATIO, 0.01, 1, "The same, critical."),
    Threshold("replication_lag_warning", 64 * MIB, BYTES, KIB, 1e15, "Log that a standby has not yet applied."),
    Threshold("replication_lag_critical", 512 * MIB, BYTES, KIB, 1e15, "The same, critical."),
    Threshold(
        "standby_stale", 60, SECONDS, 1, 86_400, "Age of a standby's newest transaction while there are newer ones."
    ),
    Threshold("wraparound_warning", 0.5, RATIO, 1e-12, 1, "Used share of the transaction ids."),
    Threshold("wraparound_critical", 0.8, RATIO, 1e-12, 1, "The same, critical."),
    Threshold("database_cache_hit", 0.9, RATIO, 0.01, 1, "Share of blocks found in shared buffers, two minutes."),
    Threshold(
        "database_cache_least_blocks", 10_240, "{block}", 1, 1e12, "Fewest blocks in two minutes that are judged."
    ),
    Threshold("cache_fall", 0.1, RATIO, 0.01, 1, "How far a cache's hit ratio lies below that of the hour before."),
    Threshold("cache_least_requests", 50, "{request}", 1, 1e6, "Fewest look-ups in two minutes that are judged."),
    Threshold("github_budget_warning", 0.8, RATIO, 0.01, 1, "Used share of a GitHub budget."),
    Threshold("github_budget_critical", 0.95, RATIO, 0.01, 1, "The same, critical."),
    Threshold("github_budget_short", 60, SECONDS, 0, 86_400, "How long before its reset a budget will be spent."),
    Threshold("github_throttled", 1, MINUTE, 1, 1e6, "Requests in a minute that GitHub refused by a limit."),
    Threshold(
        "github_secondary_near", 0.8, RATIO, 0.01, 1, "Estimated share of a secondary limit, all workers together."
    ),
    Threshold("spans_lost", 1, MINUTE, 1, 1e9, "Spans in a minute that an application could not deliver."),
    Threshold("collector_queue_warning", 0.5, RATIO, 0.001, 1, "Filled share of a queue of the Collector."),
    Threshold("collector_queue_critical", 0.8, RATIO, 0.001, 1, "The same, critical."),
    Threshold("disk_used_warning", 0.85, RATIO, 0.001, 1, "Used share of a disk."),
    Threshold("disk_used_critical", 0.95, RATIO, 0.001, 1, "The same, critical."),
    Threshold("views_unreadable", 1, "{view}", 1, 100, "Views of the schema otelmon that the observer cannot read."),
    Threshold("silent_after_seconds", 45, SECONDS, 15, 600, "Silence after which a sender is taken for absent."),
    Threshold("canary_least_an_hour", 60, "{span}", 2, 1e6, "Fewest canaries of the hour before that can be missed."),
    Threshold("watcher_stopped", 30, SECONDS, 5, 3600, "Age of the watch thread's last sign of life."),
    Threshold("hold_seconds", 20, SECONDS, 0, 45, "How long a breach must last before it is an alert."),
    Threshold("clear_seconds", 45, SECONDS, 0, 45, "How long it must be over before the alert is: against flapping."),
)

BY_NAME = {each.name: each for each in THRESHOLDS}

# Warning comes before critical.
ORDERED: tuple[tuple[str, str], ...] = tuple(
    (each.name, each.name.replace("_warning", "_critical")) for each in THRESHOLDS if each.name.endswith("_warning")
)


def defaults() -> dict[str, float]:
    """Returns the default of every threshold."""
    return {each.name: float(each.default) for each in THRESHOLDS}


def contradiction(values: dict[str, float]) -> tuple[str, str] | None:
    """Returns the first pair of a warning that lies above its critical value, None where all are in order."""
    return next(((low, high) for low, high in ORDERED if values[low] > values[high]), None)
