-- @owner
CREATE TABLE item (id integer);
CREATE FUNCTION inner_call() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM item); END';
SELECT otelmon.reset_statements();
-- @owner
SELECT count(*) FROM item;
-- @owner
SELECT count(*) FROM item;
-- @owner
SELECT inner_call();
-- @both: top-level statements of this database, statements inside functions not counted twice
SELECT statements, calls, rows, abs(mean_exec_time_seconds - total_exec_time_seconds / calls) < 1e-9 AS mean_is_weighted,
    evictions, reset_at IS NOT NULL AS has_reset FROM otelmon.statement_totals
WHERE database_name = current_database();
