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
SELECT
    c.num_timed, c.num_requested, c.num_requested::double precision / NULLIF(c.num_timed + c.num_requested, 0),
    c.write_time / 1000, c.sync_time / 1000, c.buffers_written * block.size, b.buffers_clean * block.size,
    NULL::bigint, b.maxwritten_clean,
    EXTRACT(epoch FROM pg_catalog.clock_timestamp() - c.stats_reset)::double precision
FROM pg_catalog.pg_stat_checkpointer AS c
CROSS JOIN pg_catalog.pg_stat_bgwriter AS b
CROSS JOIN (SELECT pg_catalog.current_setting('block_size')::bigint AS size) AS block;
