-- @owner
CREATE TABLE item (id integer); SELECT otelmon.reset_statements(); SELECT otelmon.take_snapshot();
-- @both: the first snapshot has no base
SELECT calls FROM otelmon.statement_deltas;
-- @owner
SELECT count(*) FROM item;
-- @owner
SELECT count(*) FROM item;
-- @owner
SELECT count(*) AS taken FROM (SELECT otelmon.take_snapshot()) AS s;
-- @owner
SELECT count(*) FROM item;
-- @owner
SELECT count(*) AS taken FROM (SELECT otelmon.take_snapshot()) AS s;
-- @both: calls of each interval
SELECT d.snapshot_id, d.calls, d.rows, d.was_reset, d.interval_seconds > 0 AS has_interval,
    d.mean_exec_time_seconds = d.total_exec_time_seconds / d.calls AS mean_is_weighted
FROM otelmon.statement_deltas AS d JOIN otelmon.statements AS s USING (query_id)
WHERE s.query LIKE '%from item%' OR s.query LIKE '%FROM item%' ORDER BY 1;
