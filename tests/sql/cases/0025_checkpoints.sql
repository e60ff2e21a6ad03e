-- @owner
CREATE TABLE item (id integer); INSERT INTO item SELECT generate_series(1, 1000); CHECKPOINT;
-- @both: a checkpoint that was requested
SELECT requested_checkpoints > 0 AS has_requested, timed_checkpoints >= 0 AS has_timed,
    requested_ratio = requested_checkpoints::float8 / (requested_checkpoints + timed_checkpoints) AS is_share,
    checkpoint_written_bytes > 0 AS has_written, statistics_age_seconds > 0 AS has_age FROM otelmon.checkpoints;
