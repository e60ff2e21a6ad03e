-- Checkpoints since the statistics were reset, and who wrote dirty pages; one row.
-- Read: requested_ratio near 1 means that max_wal_size is too small: checkpoints start because the log is full, not
-- because their time has come.
-- Cannot tell: The time of a single checkpoint; the server log has it where log_checkpoints is on. Since PostgreSQL 17
-- what sessions wrote themselves is counted elsewhere (pg_stat_io), and backend_written_bytes is null.
CREATE VIEW otelmon.checkpoints (
    timed_checkpoints, -- started because checkpoint_timeout was over
    requested_checkpoints, -- started for another reason
    requested_ratio, -- requested / all; null without any
    write_time_seconds, -- time spent writing
    sync_time_seconds, -- time spent syncing
    checkpoint_written_bytes, -- written by checkpoints
    bgwriter_written_bytes, -- written by the background writer
    backend_written_bytes, -- written by sessions themselves; null since PostgreSQL 17
    bgwriter_stops, -- times that the background writer stopped at bgwriter_lru_maxpages
    statistics_age_seconds -- since the reset
) AS
-- The columns are read by name at the time of the query, so that pg_upgrade to 17, where they are gone, can restore
-- this view.
SELECT
    (b.row ->> 'checkpoints_timed')::bigint, (b.row ->> 'checkpoints_req')::bigint,
    (b.row ->> 'checkpoints_req')::double precision
    / NULLIF((b.row ->> 'checkpoints_timed')::bigint + (b.row ->> 'checkpoints_req')::bigint, 0),
    (b.row ->> 'checkpoint_write_time')::double precision / 1000,
    (b.row ->> 'checkpoint_sync_time')::double precision / 1000,
    (b.row ->> 'buffers_checkpoint')::bigint * block.size, (b.row ->> 'buffers_clean')::bigint * block.size,
    (b.row ->> 'buffers_backend')::bigint * block.size, (b.row ->> 'maxwritten_clean')::bigint,
    EXTRACT(epoch FROM pg_catalog.clock_timestamp() - (b.row ->> 'stats_reset')::timestamptz)::double precision
FROM (SELECT pg_catalog.to_jsonb(w) AS row FROM pg_catalog.pg_stat_bgwriter AS w) AS b
CROSS JOIN (SELECT pg_catalog.current_setting('block_size')::bigint AS size) AS block;
