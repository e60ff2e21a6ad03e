-- Statements of which at least one call took as long as the threshold for slow queries.
-- Read: The threshold is 500 ms unless the setting otelmon.slow_query_threshold (milliseconds) says otherwise, for
-- example by ALTER DATABASE app SET otelmon.slow_query_threshold = 200. It is compared with the slowest call, not
-- with the mean, so that one slow call among many fast ones is seen.
-- Cannot tell: When the slow call was, how many calls were slow, and calls that were cancelled or failed, which
-- pg_stat_statements does not count.
CREATE VIEW otelmon.slow_statements (
    query_id, -- as in statements
    user_name, -- who ran it
    top_level, -- false: it ran inside a function
    statement_kind, -- first word of the statement
    query, -- normalized text, as in statements
    calls, -- how often it ran to its end
    total_exec_time_seconds, -- time spent executing
    mean_exec_time_seconds, -- mean of one call
    max_exec_time_seconds, -- slowest call
    stddev_exec_time_seconds, -- standard deviation of the calls
    rows, -- rows returned or changed
    cache_hit_ratio, -- hit / (hit + read); null where nothing was touched
    threshold_seconds -- from when on a call is slow
) AS
SELECT
    s.query_id, s.user_name, s.top_level, s.statement_kind, s.query, s.calls, s.total_exec_time_seconds,
    s.mean_exec_time_seconds, s.max_exec_time_seconds, s.stddev_exec_time_seconds, s.rows, s.cache_hit_ratio,
    slow.threshold
FROM otelmon.statements AS s
CROSS JOIN (
    SELECT COALESCE(
        NULLIF(pg_catalog.current_setting('otelmon.slow_query_threshold', true), '')::double precision, 500
    ) / 1000 AS threshold
) AS slow
WHERE s.max_exec_time_seconds >= slow.threshold;
