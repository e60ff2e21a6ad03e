"""Deltas, weighted means, resets, retention and alerts are exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from otelmon.operate.sql import use

if TYPE_CHECKING:
    from tests.sql.database import Database

COUNT = "SELECT count(*) FROM item"


def calls(database: Database) -> list[tuple[Any, ...]]:
    """Returns calls, rows and the mark of a reset of the counted statement in each interval."""
    query = """SELECT d.calls, d.rows, d.was_reset FROM otelmon.statement_deltas AS d
        WHERE d.query_id = (SELECT query_id FROM otelmon.statements WHERE query = 'SELECT count(*) FROM item')
        ORDER BY d.snapshot_id"""
    return database.rows(query)


def run(database: Database, times: int) -> None:
    """Runs the counted statement some times and takes a snapshot."""
    connection = database.connect()
    for _ in range(times):
        connection.execute(COUNT.encode())
    connection.close()
    use.snapshot(database.url(), 30)


def test_deltas_over_a_reset_are_exact(database: Database) -> None:
    """Calls before a reset, after it and later are each counted once, never negative."""
    database.rows("CREATE TABLE item (id integer)")
    run(database, 5)
    run(database, 7)
    database.rows("SELECT otelmon.reset_statements()")
    run(database, 3)
    run(database, 4)
    expected = [(7, 7, False), (3, 3, True), (4, 4, False)]
    assert calls(database) == expected


@pytest.mark.parametrize("after", [2, 9], ids=["fewer than before", "more than before"])
def test_reset_of_all_statistics_is_seen_by_its_time(database: Database, after: int) -> None:
    """A reset of all statements is noticed even if there were more calls since than before."""
    database.rows("CREATE TABLE item (id integer)")
    run(database, 4)
    database.rows("SELECT pg_stat_statements_reset()")
    run(database, after)
    assert calls(database) == [(after, after, True)]


def test_database_counters_over_a_reset_are_never_negative(database: Database) -> None:
    """A reset of the database's statistics begins anew at zero."""
    database.rows("CREATE TABLE item (id integer)")
    for _ in range(30):
        database.rows(COUNT)
    run(database, 1)
    database.rows("SELECT pg_stat_reset()")
    run(database, 1)
    query = "SELECT commits, rollbacks, temp_written_bytes, cache_hit_ratio FROM otelmon.snapshots ORDER BY snapshot_id"
    _, last = database.rows(query)
    assert all(value is None or value >= 0 for value in last)
    assert last[3] is None or last[3] <= 1


def test_means_are_weighted(database: Database) -> None:
    """The mean of an interval is total time by calls, and the cache ratio hits by blocks, not a mean of means."""
    query = """INSERT INTO otelmon.snapshot_history (server_started_at, statements, slow_statements, hit_bytes,
        read_bytes, commits, rollbacks, deadlocks, temp_written_bytes) VALUES
        (now(), 2, 0, 0, 0, 0, 0, 0, 0), (now(), 2, 0, 900, 100, 10, 1, 0, 0)"""
    database.rows(query)
    statement = """INSERT INTO otelmon.statement_history (snapshot_id, user_name, query_id, top_level, calls,
        total_exec_time_seconds, rows, shared_hit_bytes, shared_read_bytes, temp_written_bytes, wal_bytes) VALUES
        (1, 'app', 1, true, 0, 0, 0, 0, 0, 0, 0), (1, 'app', 2, true, 100, 1, 0, 0, 0, 0, 0),
        (2, 'app', 1, true, 99, 0.99, 0, 0, 0, 0, 0), (2, 'app', 2, true, 101, 11, 0, 0, 0, 0, 0),
        (2, 'app', 3, false, 5, 50, 0, 0, 0, 0, 0)"""
    database.rows(statement)
    rows = database.rows(
        "SELECT calls, total_exec_time_seconds, mean_exec_time_seconds, cache_hit_ratio, commits FROM otelmon.snapshots"
        " WHERE snapshot_id = 2"
    )
    assert rows == [(100, pytest.approx(10.99), pytest.approx(0.1099), 0.9, 10)]


def test_clock_set_back_gives_no_negative_interval(database: Database) -> None:
    """Snapshots are ordered by number; an interval that the clock makes negative is unknown."""
    database.rows("CREATE TABLE item (id integer)")
    run(database, 2)
    database.rows("UPDATE otelmon.snapshot_history SET taken_at = taken_at + interval '1 hour'")
    run(database, 3)
    assert calls(database) == [(3, 3, False)]
    assert database.rows("SELECT interval_seconds FROM otelmon.snapshots WHERE snapshot_id = 2") == [(None,)]


def test_retention_deletes_what_is_old(database: Database) -> None:
    """Pruning deletes snapshots, their statements and alerts that were over by then, and keeps the rest."""
    for _ in range(3):
        use.snapshot(database.url(), 30)
    database.rows("UPDATE otelmon.snapshot_history SET taken_at = taken_at - interval '31 days' WHERE snapshot_id <= 2")
    database.rows(
        """INSERT INTO otelmon.alert_history (alert_type, severity, metric_value, threshold_value, created_at,
        resolved_at) VALUES ('slow_query', 'warning', 1, 1, now() - interval '40 days', now() - interval '31 days'),
        ('slow_query', 'warning', 2, 1, now() - interval '40 days', now()),
        ('high_connection_count', 'warning', 3, 1, now() - interval '40 days', NULL)"""
    )
    taken = use.snapshot(database.url(), 30)
    assert (taken.snapshot_id, taken.pruned) == (4, 2)
    assert database.rows("SELECT DISTINCT snapshot_id FROM otelmon.statement_history ORDER BY 1") == [(3,), (4,)]
    assert database.rows("SELECT metric_value FROM otelmon.alerts WHERE metric_value IN (1, 2, 3) ORDER BY 1") == [
        (2,),
        (3,),
    ]


def test_low_cache_hit_ratio_opens_an_alert(database: Database) -> None:
    """A poor ratio over enough blocks is an alert; one over few blocks is not."""
    fields = "server_started_at, statements, slow_statements, commits, rollbacks, deadlocks, temp_written_bytes"
    rows = [(0, 0), (50 * 2**20, 10 * 2**20), (120 * 2**20, 40 * 2**20)]
    for hit, read in rows:
        database.rows(
            f"INSERT INTO otelmon.snapshot_history ({fields}, hit_bytes, read_bytes) VALUES"
            f" (now(), 0, 0, 0, 0, 0, 0, {hit}, {read})"
        )
    alerts = "SELECT severity, metric_value, threshold_value FROM otelmon.alerts"
    database.rows("SELECT otelmon.evaluate_alerts(2)")
    assert database.rows(alerts) == []
    database.rows("SELECT otelmon.evaluate_alerts(3)")
    assert database.rows(alerts) == [("critical", 0.7, 0.8)]


@pytest.mark.parametrize(("ratio", "expected"), [(0.5, []), (0.85, ["warning"]), (0.95, ["critical"])])
def test_connections_open_an_alert(database: Database, ratio: float, expected: list[str]) -> None:
    """The share of connections in use is judged by two limits."""
    fields = "server_started_at, statements, slow_statements, commits, rollbacks, deadlocks, temp_written_bytes"
    database.rows(
        f"INSERT INTO otelmon.snapshot_history ({fields}, hit_bytes, read_bytes, utilization_ratio) VALUES"
        f" (now(), 0, 0, 0, 0, 0, 0, 0, 0, {ratio})"
    )
    database.rows("SELECT otelmon.evaluate_alerts(1)")
    assert [severity for (severity,) in database.rows("SELECT severity FROM otelmon.alerts")] == expected
