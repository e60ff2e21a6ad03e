-- @owner
SELECT otelmon.reset_statements();
-- @both: nothing was slow
SELECT query FROM otelmon.slow_statements;
-- @owner
SELECT 'fast', pg_sleep(0.001);
-- @owner
SELECT 'fast', pg_sleep(0.001);
-- @owner
SELECT 'fast', pg_sleep(0.52);
-- @both: one slow call among fast ones is seen
SELECT query, calls, mean_exec_time_seconds < 0.5 AS mean_is_fast, max_exec_time_seconds > 0.5 AS slowest_is_slow,
    threshold_seconds FROM otelmon.slow_statements;
-- @both: the threshold can be set
SET otelmon.slow_query_threshold = 800; SELECT count(*) FROM otelmon.slow_statements;
