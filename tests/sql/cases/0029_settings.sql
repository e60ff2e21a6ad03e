-- @both: values and advice
SELECT setting_name, setting_value, unit, advice FROM otelmon.settings
WHERE setting_name IN ('max_connections', 'autovacuum', 'pg_stat_statements.track_utility', 'track_io_timing', 'work_mem')
ORDER BY 1;
-- @both: each setting has a purpose and a source
SELECT count(*) >= 25 AS enough, bool_and(purpose <> '' AND source <> '') AS described FROM otelmon.settings;
