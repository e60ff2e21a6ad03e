"""Every metric of ``otelmon observe``.

Names without ``otelmon.`` are those of the Collector's postgresql receiver, with its units:
https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/main/receiver/postgresqlreceiver/metadata.yaml
"""

from __future__ import annotations

from otelmon.signals.kinds import Metric

DATABASE = "db.namespace"
TABLE = "db.collection.name"
INDEX = "postgresql.index.name"
STATE = "postgresql.state"
USER = "user.name"
APPLICATION = "postgresql.application_name"
WAIT = "postgresql.wait_event_type"
RECEIVER = "replication_client"
SLOT = "postgresql.replication_slot.name"
QUERY_ID = "postgresql.queryid"
ROLE = "postgresql.rolname"
VIEW = "otelmon.view"
REASON = "otelmon.reason"
OURS = "otelmon.postgresql."


def _counter(name: str, unit: str, meaning: str, *attributes: str) -> Metric:
    return Metric(name, "observable_counter", unit, attributes, meaning)


def _sum(name: str, unit: str, meaning: str, *attributes: str) -> Metric:
    return Metric(name, "observable_up_down_counter", unit, attributes, meaning)


def _gauge(name: str, unit: str, meaning: str, *attributes: str) -> Metric:
    return Metric(name, "observable_gauge", unit, attributes, meaning)


POSTGRESQL_METRICS: tuple[Metric, ...] = (
    _gauge(f"{OURS}up", "1", "1 while the observer is connected, else 0."),
    _gauge(
        f"{OURS}view.up",
        "1",
        "1 where a view was read the last time it was due, else 0 with the reason; partly read where columns are "
        "missing. Figures of a view that is not up are absent.",
        VIEW,
        REASON,
    ),
    _gauge(f"{OURS}view.age", "s", "Time since a view was read; absent before the first time.", VIEW),
    _gauge(f"{OURS}view.duration", "s", "How long the last reading of a view took.", VIEW),
    _counter(f"{OURS}connects", "{connection}", "Attempts to connect, by result: ok, or why not.", REASON),
    _gauge("postgresql.connection.max", "{connections}", "Limit of the server."),
    _sum(f"{OURS}connection.count", "{connection}", "Sessions of clients by state: active, idle, ...", STATE),
    _gauge(f"{OURS}connection.available", "{connection}", "What applications can still open."),
    _gauge(f"{OURS}connection.utilization", "1", "Sessions of clients / (limit - reserved), 0 to 1."),
    _gauge(f"{OURS}connection.lock_waiting", "{connection}", "Active sessions that wait for a lock."),
    _sum(
        f"{OURS}session.count",
        "{session}",
        "Sessions of clients by database, user, application, state and kind of wait; the 50 largest groups.",
        DATABASE,
        USER,
        APPLICATION,
        STATE,
        WAIT,
    ),
    _sum(f"{OURS}transaction.open", "{transaction}", "Open transactions, prepared ones included."),
    _gauge(f"{OURS}transaction.longest", "s", "Age of the oldest open transaction; 0 when none is open."),
    _sum(f"{OURS}transaction.idle", "{transaction}", "Open transactions in which nothing runs."),
    _gauge(f"{OURS}transaction.idle.longest", "s", "For how long the idlest open transaction has been idle."),
    _gauge(f"{OURS}xmin.age", "{transaction}", "How many transactions vacuum is held back by an open one."),
    _sum(f"{OURS}blocked.count", "{session}", "Sessions that wait for a lock of others."),
    _gauge(f"{OURS}blocked.longest", "s", "The longest of these waits; 0 when nobody waits."),
    _gauge("postgresql.database.locks", "{lock}", "Locks held and waited for.", DATABASE, "mode", "lock_type"),
    _sum("postgresql.backends", "1", "Sessions connected to the database.", DATABASE),
    _counter("postgresql.commits", "1", "Transactions committed.", DATABASE),
    _counter("postgresql.rollbacks", "1", "Transactions rolled back.", DATABASE),
    _counter("postgresql.deadlocks", "{deadlock}", "Deadlocks found and broken.", DATABASE),
    _counter("postgresql.query.conflicts", "{query}", "Statements cancelled by recovery, on standbys.", DATABASE),
    _counter("postgresql.tup_returned", "{tup_returned}", "Rows read by scans.", DATABASE),
    _counter("postgresql.tup_fetched", "{tup_fetched}", "Rows fetched by index scans.", DATABASE),
    _counter("postgresql.tup_inserted", "{tup_inserted}", "Rows inserted.", DATABASE),
    _counter("postgresql.tup_updated", "{tup_updated}", "Rows updated.", DATABASE),
    _counter("postgresql.tup_deleted", "{tup_deleted}", "Rows deleted.", DATABASE),
    _counter(f"{OURS}session.started", "{session}", "Sessions begun.", DATABASE),
    _counter(f"{OURS}session.lost", "{session}", "Sessions ended by: abandoned, fatal, killed.", DATABASE, REASON),
    _counter(f"{OURS}active.time", "s", "Time that sessions spent running statements.", DATABASE),
    _counter(f"{OURS}idle_in_transaction.time", "s", "Time that sessions spent idle with one open.", DATABASE),
    _counter(f"{OURS}checksum.failures", "{page}", "Damaged pages found; absent where checksums are off.", DATABASE),
    _counter("postgresql.blks_hit", "{blks_hit}", "Blocks found in shared buffers.", DATABASE),
    _counter("postgresql.blks_read", "{blks_read}", "Blocks read from outside shared buffers.", DATABASE),
    _counter(f"{OURS}blks_read.time", "s", "Time of these reads; 0 unless track_io_timing is on.", DATABASE),
    _counter("postgresql.temp_files", "{temp_file}", "Temporary files written.", DATABASE),
    _counter("postgresql.temp.io", "By", "Written to temporary files.", DATABASE),
    _sum("postgresql.db_size", "By", "Size of the database on disk.", DATABASE),
    _sum("postgresql.table.count", "{table}", "Tables and partitions of users.", DATABASE),
    _gauge(f"{OURS}wraparound.used", "1", "The larger age of transaction and multixact ids / 2^31.", DATABASE),
    _gauge(f"{OURS}transaction_id.age", "{transaction}", "Transactions since the oldest unfrozen row.", DATABASE),
    _counter(f"{OURS}wal.written", "By", "Write-ahead log made."),
    _counter(f"{OURS}wal.records", "{record}", "Records of the log made."),
    _counter(f"{OURS}wal.full_page_images", "{page}", "Pages written whole into the log."),
    _counter(f"{OURS}wal.buffers_full", "{write}", "Writes forced because the log's buffers were full."),
    _counter(f"{OURS}archive.segments", "{segment}", "Segments by result: archived, failed.", "result"),
    _gauge(f"{OURS}archive.last.age", "s", "Time since a segment was archived; absent before the first."),
    _counter("postgresql.bgwriter.checkpoint.count", "{checkpoints}", "Checkpoints: scheduled, requested.", "type"),
    _counter("postgresql.bgwriter.duration", "ms", "Time of checkpoints spent in: write, sync.", "type"),
    _counter(
        "postgresql.bgwriter.buffers.writes",
        "{buffers}",
        "Buffers written by: checkpoints, bgwriter, backend (absent since PostgreSQL 17).",
        "source",
    ),
    _counter("postgresql.bgwriter.maxwritten", "1", "Times that the background writer stopped at its limit."),
    _gauge("postgresql.replication.data_delay", "By", "Log not yet visible at a receiver.", RECEIVER, APPLICATION),
    _gauge(
        "postgresql.wal.delay",
        "s",
        "Time until a receiver has done: write, flush, replay; absent while nothing is written.",
        "operation",
        RECEIVER,
        APPLICATION,
    ),
    _gauge(f"{OURS}replication_slot.active", "1", "1 while somebody receives, else 0.", SLOT),
    _gauge(f"{OURS}replication_slot.retained", "By", "Log kept for a slot.", SLOT),
    _gauge(f"{OURS}in_recovery", "1", "1 on a standby or while restoring, else 0."),
    _gauge(f"{OURS}replay.lag", "By", "Received and not yet replayed; absent on a primary."),
    _gauge(f"{OURS}replay.age", "s", "Age of the last replayed transaction; absent on a primary."),
    _gauge(f"{OURS}uptime", "s", "Time since the server was started."),
    _counter("postgresql.query.execution.time", "s", "Time spent executing all statements.", DATABASE),
    _counter(f"{OURS}statements.calls", "{call}", "Calls of all statements.", DATABASE),
    _counter(f"{OURS}statements.rows", "{row}", "Rows returned or changed by all statements.", DATABASE),
    _sum(f"{OURS}statements.kept", "{statement}", "Different statements in pg_stat_statements.", DATABASE),
    _counter(f"{OURS}statements.evicted", "{statement}", "Statements that had to make room.", DATABASE),
    _gauge(f"{OURS}statements.slow", "{statement}", "Statements whose slowest call reached the threshold."),
    _counter(f"{OURS}statement.calls", "{call}", "Calls of a statement; the 50 that took most time.", QUERY_ID, ROLE),
    _counter(f"{OURS}statement.time", "s", "Time spent executing it.", QUERY_ID, ROLE),
    _counter(f"{OURS}statement.rows", "{row}", "Rows that it returned or changed.", QUERY_ID, ROLE),
    _counter(f"{OURS}statement.read", "By", "Read for it from outside shared buffers.", QUERY_ID, ROLE),
    _counter(f"{OURS}statement.temporary", "By", "Written for it to temporary files.", QUERY_ID, ROLE),
    _counter(
        "postgresql.operations", "1", "Rows: ins, upd, del, hot_upd; 50 largest tables.", "operation", DATABASE, TABLE
    ),
    _sum("postgresql.rows", "1", "Estimated rows: live, dead; 50 largest tables.", "state", DATABASE, TABLE),
    _counter("postgresql.sequential_scans", "{sequential_scan}", "Scans of whole tables.", DATABASE, TABLE),
    _sum("postgresql.table.size", "By", "Pages as of the last vacuum or analyze.", DATABASE, TABLE),
    _counter("postgresql.table.vacuum.count", "{vacuum}", "Vacuums by hand.", DATABASE, TABLE),
    _counter(f"{OURS}table.autovacuum.count", "{vacuum}", "Vacuums by the server.", DATABASE, TABLE),
    _counter("postgresql.index.scans", "{scans}", "Scans of an index; the 50 most used.", DATABASE, TABLE, INDEX),
    _gauge("postgresql.index.size", "By", "Pages as of the last vacuum or build.", DATABASE, TABLE, INDEX),
    _gauge(f"{OURS}vacuum.due", "{table}", "Tables with more dead rows than autovacuum starts at."),
    _gauge(f"{OURS}vacuum.disabled", "{table}", "Tables that autovacuum does not clean."),
    _gauge(f"{OURS}dead_tuples", "{row}", "Estimated rows of all tables that vacuum can remove."),
    _gauge(f"{OURS}sequential_scan.tables", "{table}", "Tables of 1000 rows or more mostly read from end to end."),
    _gauge(
        f"{OURS}index.findings",
        "{index}",
        "Indexes to look at: unused, duplicate, redundant, invalid, missing (of a foreign key).",
        "kind",
    ),
    _gauge(f"{OURS}index.findings.size", "By", "Their size; absent for missing ones.", "kind"),
    _gauge(f"{OURS}bloat.size", "By", "Estimated bloat of tables; absent where no table can be told."),
    _gauge(f"{OURS}bloat.unknown", "{table}", "Tables whose bloat cannot be told."),
    _gauge(f"{OURS}extension.up", "1", "1 where an extension can be used, else 0.", "postgresql.extension.name"),
    _gauge(f"{OURS}settings.advice", "{setting}", "Settings with an advice in the view settings."),
    _gauge(f"{OURS}settings.pending_restart", "{setting}", "Settings that take a restart to come into force."),
    _gauge(f"{OURS}statistics.age", "s", "Time since the reset of: database, statements, wal, ...", "family"),
    _gauge(f"{OURS}alert.open", "{alert}", "Open alerts of the view alerts.", "type", "severity"),
)
