-- Replication slots and the write-ahead log that they keep on disk.
-- Read: A slot that is not active keeps log for a receiver that may never come back: retained_bytes grows until the
-- disk is full, unless max_slot_wal_keep_size ends it (wal_status lost).
-- Cannot tell: How far the receiver of an active slot is behind in time; see replication. Before PostgreSQL 17
-- inactive_seconds and invalidation_reason are null.
CREATE VIEW otelmon.replication_slots (
    slot_name, -- the slot
    slot_type, -- physical or logical
    database_name, -- of a logical slot
    active, -- true: somebody receives
    retained_bytes, -- log kept for it; null: none kept yet
    safe_wal_size_bytes, -- what can be written until it is lost; null: no limit
    wal_status, -- reserved, extended, unreserved, lost
    xmin_age_transactions, -- how many transactions it holds vacuum back
    catalog_xmin_age_transactions, -- the same for system catalogs
    inactive_seconds, -- since nobody receives; null: active, or before PostgreSQL 17
    invalidation_reason -- why it is lost; null: it is not, or before PostgreSQL 17
) AS
SELECT
    s.slot_name, s.slot_type, s.database, s.active,
    GREATEST(pg_catalog.pg_wal_lsn_diff(
        CASE WHEN pg_catalog.pg_is_in_recovery()
            THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_lsn() END, s.restart_lsn
    ), 0)::bigint,
    s.safe_wal_size, s.wal_status, pg_catalog.age(s.xmin), pg_catalog.age(s.catalog_xmin),
    -- By name, because these columns exist since 17 only.
    GREATEST(EXTRACT(epoch FROM pg_catalog.clock_timestamp()
        - (pg_catalog.to_jsonb(s) ->> 'inactive_since')::timestamptz), 0)::double precision,
    pg_catalog.to_jsonb(s) ->> 'invalidation_reason'
FROM pg_catalog.pg_replication_slots AS s;
