-- @owner
SELECT otelmon.reset_statements();
-- @both: each family
SELECT family, age_seconds >= 0 AS has_age FROM otelmon.statistics_age WHERE family <> 'database' ORDER BY family;
