-- Whether this server is a standby, and how far it is behind; one row.
-- Read: replay_lag_bytes is received but not yet visible; replay_age_seconds is the age of the last transaction
-- replayed, and 0 where all that was received is visible.
-- Cannot tell: What the primary has not sent yet; ask replication there.
CREATE VIEW otelmon.recovery (
    is_in_recovery, -- true: standby or restoring
    is_replay_paused, -- true: paused by hand; null on a primary
    replay_lag_bytes, -- received, not yet replayed; null on a primary
    replay_age_seconds, -- age of the last replayed transaction, 0 when caught up; null on a primary
    receiver_status, -- of the WAL receiver; null: none runs
    started_seconds -- since the server was started
) AS
SELECT
    pg_catalog.pg_is_in_recovery(),
    CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_is_wal_replay_paused() END,
    pg_catalog.pg_wal_lsn_diff(p.received, p.replayed)::bigint,
    CASE
        WHEN NOT pg_catalog.pg_is_in_recovery() THEN NULL
        WHEN p.received = p.replayed THEN 0
        ELSE GREATEST(EXTRACT(epoch FROM
            pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()), 0)::double precision
    END,
    (SELECT r.status FROM pg_catalog.pg_stat_wal_receiver AS r),
    EXTRACT(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.pg_postmaster_start_time())::double precision
FROM (
    SELECT
        CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_receive_lsn() END AS received,
        CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn() END AS replayed
) AS p;
