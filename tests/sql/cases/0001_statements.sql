-- @owner
CREATE TABLE item (id integer, label text);
SELECT otelmon.reset_statements();
-- @owner
INSERT INTO item VALUES (1, 'one'), (2, 'two');
-- @owner
SELECT count(*) FROM item WHERE label = 'one';
-- @owner
SELECT count(*) FROM item WHERE label = 'two';
-- @owner
/* a remark */ UPDATE item SET label = 'three' -- another
WHERE id = 2;
-- @owner
COMMENT ON TABLE item IS 'text of a utility statement';
-- @owner
WITH gone AS (DELETE FROM item WHERE id = 1 RETURNING id) SELECT count(*) FROM gone;
-- @both: statements, normalized, without comments and without the text of utility statements
SELECT statement_kind, query, calls, rows FROM otelmon.statements WHERE calls > 0 AND query IS DISTINCT FROM 'x'
    AND (query ~ 'item' OR statement_kind = 'COMMENT') ORDER BY statement_kind, query;
-- @both: figures fit together
SELECT bool_and(abs(mean_exec_time_seconds - total_exec_time_seconds / calls) < 1e-9) AS mean_is_total_by_calls,
    bool_and(min_exec_time_seconds <= mean_exec_time_seconds AND mean_exec_time_seconds <= max_exec_time_seconds)
        AS mean_lies_between, bool_and(total_time_ratio BETWEEN 0 AND 1) AS ratio_is_a_share,
    bool_and(cache_hit_ratio BETWEEN 0 AND 1) AS hits_are_a_share
FROM otelmon.statements WHERE query ~ 'item';
