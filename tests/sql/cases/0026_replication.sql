-- @both: nobody is connected
SELECT application_name, state, replay_lag_bytes, replay_lag_seconds FROM otelmon.replication;
