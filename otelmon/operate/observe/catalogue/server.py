"""What the database and the server have done and hold."""

from __future__ import annotations

from otelmon.operate.observe.look import Look, Measure
from otelmon.signals.postgresql import APPLICATION, DATABASE, OURS, REASON, RECEIVER, SLOT

OFTEN, EACH_MINUTE, SELDOM, RARELY = 15.0, 60.0, 300.0, 900.0
# One observer a database: what is counted for each database is told for this one, so that sums are not doubled.
HERE = "database_name = current_database()"
DATABASE_LABEL = ((DATABASE, "database_name"),)
PAGES = "/ current_setting('block_size')::bigint"
RECEIVERS = ((RECEIVER, "COALESCE(client_address::text, 'unix')"), (APPLICATION, "application_name"))

SERVER = (
    Look(
        "database_activity",
        OFTEN,
        (
            Measure("postgresql.backends", "sessions_now"),
            Measure("postgresql.commits", "commits"),
            Measure("postgresql.rollbacks", "rollbacks"),
            Measure("postgresql.deadlocks", "deadlocks"),
            Measure("postgresql.query.conflicts", "conflicts"),
            Measure("postgresql.tup_returned", "tuples_returned"),
            Measure("postgresql.tup_fetched", "tuples_fetched"),
            Measure("postgresql.tup_inserted", "tuples_inserted"),
            Measure("postgresql.tup_updated", "tuples_updated"),
            Measure("postgresql.tup_deleted", "tuples_deleted"),
            Measure(f"{OURS}session.started", "sessions"),
            Measure(f"{OURS}session.lost", "abandoned_sessions", ((REASON, "abandoned"),)),
            Measure(f"{OURS}session.lost", "fatal_sessions", ((REASON, "fatal"),)),
            Measure(f"{OURS}session.lost", "killed_sessions", ((REASON, "killed"),)),
            Measure(f"{OURS}active.time", "active_time_seconds"),
            Measure(f"{OURS}idle_in_transaction.time", "idle_in_transaction_time_seconds"),
            Measure(f"{OURS}checksum.failures", "checksum_failures"),
        ),
        labels=DATABASE_LABEL,
        where=HERE,
        reset_at="reset_at",
    ),
    Look(
        "cache_hit",
        OFTEN,
        (
            Measure("postgresql.blks_hit", f"hit_bytes {PAGES}"),
            Measure("postgresql.blks_read", f"read_bytes {PAGES}"),
            Measure(f"{OURS}blks_read.time", "read_time_seconds"),
        ),
        labels=DATABASE_LABEL,
        where=HERE,
        reset_at="reset_at",
    ),
    Look(
        "recovery",
        OFTEN,
        (
            Measure(f"{OURS}in_recovery", "is_in_recovery::integer"),
            Measure(f"{OURS}replay.lag", "replay_lag_bytes"),
            Measure(f"{OURS}replay.age", "replay_age_seconds"),
            Measure(f"{OURS}uptime", "started_seconds"),
        ),
    ),
    Look(
        "replication",
        OFTEN,
        (
            Measure("postgresql.replication.data_delay", "max(replay_lag_bytes)"),
            Measure("postgresql.wal.delay", "max(write_lag_seconds)", (("operation", "write"),)),
            Measure("postgresql.wal.delay", "max(flush_lag_seconds)", (("operation", "flush"),)),
            Measure("postgresql.wal.delay", "max(replay_lag_seconds)", (("operation", "replay"),)),
        ),
        labels=RECEIVERS,
        grouped=True,
    ),
    Look(
        "replication_slots",
        EACH_MINUTE,
        (
            Measure(f"{OURS}replication_slot.active", "active::integer"),
            Measure(f"{OURS}replication_slot.retained", "retained_bytes"),
        ),
        labels=((SLOT, "slot_name"),),
        order="retained_bytes DESC NULLS LAST",
        watched=("slot_name", "active", "retained_bytes", "wal_status"),
    ),
    Look(
        "temporary_files",
        EACH_MINUTE,
        (Measure("postgresql.temp_files", "files"), Measure("postgresql.temp.io", "written_bytes")),
        labels=DATABASE_LABEL,
        where=HERE,
        reset_at="reset_at",
    ),
    Look(
        "wraparound",
        EACH_MINUTE,
        (
            Measure(f"{OURS}wraparound.used", "used_ratio"),
            Measure(f"{OURS}transaction_id.age", "transaction_id_age"),
        ),
        labels=DATABASE_LABEL,
        order="used_ratio DESC",
        watched=("database_name", "used_ratio", "transaction_id_age"),
    ),
    Look(
        "wal",
        EACH_MINUTE,
        (
            Measure(f"{OURS}wal.written", "wal_bytes"),
            Measure(f"{OURS}wal.records", "wal_records"),
            Measure(f"{OURS}wal.full_page_images", "full_page_images"),
            Measure(f"{OURS}wal.buffers_full", "buffers_full"),
            Measure(f"{OURS}archive.segments", "archived_segments", (("result", "archived"),)),
            Measure(f"{OURS}archive.segments", "failed_archivings", (("result", "failed"),)),
            Measure(f"{OURS}archive.last.age", "last_archived_age_seconds"),
        ),
    ),
    Look(
        "checkpoints",
        EACH_MINUTE,
        (
            Measure("postgresql.bgwriter.checkpoint.count", "timed_checkpoints", (("type", "scheduled"),)),
            Measure("postgresql.bgwriter.checkpoint.count", "requested_checkpoints", (("type", "requested"),)),
            Measure("postgresql.bgwriter.duration", "write_time_seconds * 1000", (("type", "write"),)),
            Measure("postgresql.bgwriter.duration", "sync_time_seconds * 1000", (("type", "sync"),)),
            Measure(
                "postgresql.bgwriter.buffers.writes", f"checkpoint_written_bytes {PAGES}", (("source", "checkpoints"),)
            ),
            Measure("postgresql.bgwriter.buffers.writes", f"bgwriter_written_bytes {PAGES}", (("source", "bgwriter"),)),
            Measure("postgresql.bgwriter.buffers.writes", f"backend_written_bytes {PAGES}", (("source", "backend"),)),
            Measure("postgresql.bgwriter.maxwritten", "bgwriter_stops"),
        ),
    ),
    Look(
        "statistics_age",
        EACH_MINUTE,
        (Measure(f"{OURS}statistics.age", "age_seconds"),),
        labels=(("family", "family"),),
        watched=("family", "reset_at"),
    ),
    Look(
        "database_sizes",
        SELDOM,
        (Measure("postgresql.db_size", "size_bytes"), Measure("postgresql.table.count", "table_count")),
        labels=DATABASE_LABEL,
        where=HERE,
    ),
    Look(
        "settings",
        RARELY,
        (
            Measure(f"{OURS}settings.advice", "count(advice)"),
            Measure(f"{OURS}settings.pending_restart", "count(*) FILTER (WHERE pending_restart)"),
        ),
    ),
)
