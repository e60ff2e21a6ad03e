-- @owner
CREATE TABLE item (id integer); SELECT otelmon.reset_statements(); SELECT otelmon.take_snapshot();
-- @owner
SELECT count(*) FROM item;
-- @owner
SELECT count(*) FROM item;
-- @owner
SELECT count(*) AS taken FROM (SELECT otelmon.take_snapshot()) AS s;
-- @both: the first without, the second with an interval
SELECT snapshot_id, interval_seconds > 0 AS has_interval, calls, mean_exec_time_seconds = total_exec_time_seconds / calls
    AS mean_is_weighted, statements > 0 AS has_statements, slow_statements, total_connections > 0 AS has_connections,
    database_size_bytes > 0 AS has_size FROM otelmon.snapshots ORDER BY 1;
