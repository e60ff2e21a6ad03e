-- Standbys and other receivers that are connected to this server, and how far behind they are.
-- Read: replay_lag_bytes is what a reader on the standby does not see yet. The lags in seconds are null when the
-- standby has caught up and nothing is written.
-- Cannot tell: Standbys that are not connected; see replication_slots for those with a slot. Figures are null for a
-- role without pg_monitor.
CREATE VIEW otelmon.replication (
    application_name, -- name of the receiver
    user_name, -- who it logs in as
    client_address, -- from where; null: local socket
    state, -- startup, catchup, streaming, backup, stopping; denied where it may not be seen
    sync_state, -- async, potential, sync, quorum
    sent_lag_bytes, -- made here, not yet sent
    flush_lag_bytes, -- made here, not yet safe there
    replay_lag_bytes, -- made here, not yet visible there
    write_lag_seconds, -- until written there
    flush_lag_seconds, -- until safe there
    replay_lag_seconds, -- until visible there
    reply_age_seconds -- since the last word of the receiver
) AS
SELECT
    r.application_name, r.usename, r.client_addr, COALESCE(r.state, 'denied'), r.sync_state,
    pg_catalog.pg_wal_lsn_diff(here.lsn, r.sent_lsn)::bigint,
    pg_catalog.pg_wal_lsn_diff(here.lsn, r.flush_lsn)::bigint,
    pg_catalog.pg_wal_lsn_diff(here.lsn, r.replay_lsn)::bigint,
    EXTRACT(epoch FROM r.write_lag)::double precision, EXTRACT(epoch FROM r.flush_lag)::double precision,
    EXTRACT(epoch FROM r.replay_lag)::double precision,
    GREATEST(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - r.reply_time), 0)::double precision
FROM pg_catalog.pg_stat_replication AS r
CROSS JOIN (
    SELECT CASE WHEN pg_catalog.pg_is_in_recovery()
        THEN pg_catalog.pg_last_wal_receive_lsn() ELSE pg_catalog.pg_current_wal_lsn() END AS lsn
) AS here;
