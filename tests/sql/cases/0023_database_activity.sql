-- @owner
CREATE TABLE item (id integer); INSERT INTO item SELECT generate_series(1, 7);
-- @session worker
BEGIN; DELETE FROM item; ROLLBACK;
-- @session worker: the rollback is counted
SELECT xact_rollback > 0 AS counted FROM pg_stat_database WHERE datname = current_database();
-- @both: transactions and rows
SELECT commits > 0 AS has_commits, rollbacks > 0 AS has_rollbacks, rollback_ratio = rollbacks::float8 / (commits + rollbacks) AS is_share,
    tuples_inserted >= 7 AS has_inserts, deadlocks, conflicts, sessions_now >= 2 AS has_sessions,
    active_time_seconds > 0 AS has_time FROM otelmon.database_activity WHERE database_name = current_database();
