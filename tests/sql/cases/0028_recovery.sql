-- @both: a primary
SELECT is_in_recovery, is_replay_paused, replay_lag_bytes, replay_age_seconds, receiver_status,
    started_seconds > 0 AS has_start FROM otelmon.recovery;
