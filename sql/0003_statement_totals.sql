-- Totals of all statements, one row a database.
-- Read: Means and ratios are weighted: total time by calls, hits by blocks. Statements inside functions are left out,
-- because their time is in that of the calling statement.
-- Cannot tell: What evicted statements took; evictions above 0 mean that pg_stat_statements.max is too small for
-- complete totals.
CREATE FUNCTION otelmon.read_statements_info() RETURNS TABLE (evictions bigint, reset_at timestamptz)
LANGUAGE plpgsql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    home name;
BEGIN
    SELECT /* otelmon.read_statements_info */ n.nspname INTO home
    FROM pg_catalog.pg_extension AS e
    JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
    JOIN pg_catalog.pg_settings AS s ON s.name = 'pg_stat_statements.max' AND s.vartype = 'integer'
    WHERE e.extname = 'pg_stat_statements' AND string_to_array(e.extversion, '.')::integer[] >= ARRAY[1, 9]
        AND has_schema_privilege(n.oid, 'USAGE');
    IF home IS NOT NULL THEN
        RETURN QUERY EXECUTE format(
            'SELECT /* otelmon.read_statements_info */ dealloc, stats_reset FROM %I.pg_stat_statements_info()', home
        );
    END IF;
END
$function$;

CREATE VIEW otelmon.statement_totals (
    database_name, -- null for a database that was dropped
    statements, -- different statements
    calls, -- calls of all of them
    total_exec_time_seconds, -- time spent executing
    mean_exec_time_seconds, -- total time / calls
    max_exec_time_seconds, -- slowest call
    rows, -- rows returned or changed
    cache_hit_ratio, -- hit / (hit + read) over all blocks; null where nothing was touched
    temp_written_bytes, -- written to temporary files
    wal_bytes, -- write-ahead log made
    evictions, -- statements of any database that had to make room since the reset
    reset_at -- since when these totals count
) AS
SELECT
    d.datname,
    pg_catalog.count(*),
    pg_catalog.sum(s.calls)::bigint,
    pg_catalog.sum(s.total_exec_time) / 1000,
    pg_catalog.sum(s.total_exec_time) / NULLIF(pg_catalog.sum(s.calls), 0)::double precision / 1000,
    pg_catalog.max(s.max_exec_time) / 1000,
    pg_catalog.sum(s.rows)::bigint,
    (pg_catalog.sum(s.shared_blks_hit) / NULLIF(pg_catalog.sum(s.shared_blks_hit + s.shared_blks_read), 0))
        ::double precision,
    (pg_catalog.sum(s.temp_blks_written) * pg_catalog.current_setting('block_size')::bigint)::bigint,
    pg_catalog.sum(s.wal_bytes),
    i.evictions,
    i.reset_at
FROM otelmon.read_statements() AS s
LEFT JOIN pg_catalog.pg_database AS d ON d.oid = s.database_id
LEFT JOIN otelmon.read_statements_info() AS i ON true
WHERE s.top_level
GROUP BY d.datname, i.evictions, i.reset_at;
