-- Totals of each normalized statement of this database since the statistics were reset.
-- Read: Sort by total_exec_time_seconds for what costs the server most, by max_exec_time_seconds for what users wait
-- for. A row is one statement of one user; calls inside functions are rows of their own with top_level false. The
-- view asks pg_stat_statements at the time of the query, so that the extension can be updated, moved and dropped.
-- Cannot tell: Statements that were evicted (see statement_totals.evictions), the time of single calls, and texts
-- that still hold a literal, a comment or more than one statement: query is null then. Utility statements keep their
-- literals in pg_stat_statements, passwords included, and never show a text here.
CREATE FUNCTION otelmon.read_statements() RETURNS TABLE (
    user_id oid, database_id oid, top_level boolean, query_id bigint, query text,
    plans bigint, total_plan_time double precision, calls bigint, total_exec_time double precision,
    min_exec_time double precision, max_exec_time double precision, mean_exec_time double precision,
    stddev_exec_time double precision, rows bigint, shared_blks_hit bigint, shared_blks_read bigint,
    shared_blks_dirtied bigint, shared_blks_written bigint, temp_blks_read bigint, temp_blks_written bigint,
    blk_read_time double precision, blk_write_time double precision, wal_bytes numeric, stats_since timestamptz
)
LANGUAGE plpgsql STABLE ROWS 5000
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    home name;
    version integer[];
    renamed boolean;
BEGIN
    -- The remark keeps these statements out of the view where a function's statements are counted.
    SELECT /* otelmon.read_statements */ n.nspname, string_to_array(e.extversion, '.')::integer[] INTO home, version
    FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
    WHERE e.extname = 'pg_stat_statements';
    IF home IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('pg_stat_statements is missing in database %s', current_database()),
            HINT = 'Run CREATE EXTENSION pg_stat_statements in this database.';
    ELSIF version < ARRAY[1, 9] THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('pg_stat_statements %s is outdated', array_to_string(version, '.')),
            HINT = 'Run ALTER EXTENSION pg_stat_statements UPDATE in this database.';
    ELSIF NOT pg_has_role(CURRENT_USER, 'pg_read_all_stats', 'USAGE') THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
            MESSAGE = format('role %s may not read the statistics of others', CURRENT_USER),
            HINT = format('Run GRANT pg_monitor TO %I.', CURRENT_USER);
    ELSIF NOT has_schema_privilege(home, 'USAGE') THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
            MESSAGE = format('role %s may not use the schema %s of pg_stat_statements', CURRENT_USER, home),
            HINT = format('Run GRANT USAGE ON SCHEMA %I TO %I.', home, CURRENT_USER);
    END IF;
    renamed := version >= ARRAY[1, 11];
    RETURN QUERY EXECUTE format(
        'SELECT /* otelmon.read_statements */ userid, dbid, toplevel, queryid, query, plans, total_plan_time, calls, total_exec_time, min_exec_time,
            max_exec_time, mean_exec_time, stddev_exec_time, rows, shared_blks_hit, shared_blks_read,
            shared_blks_dirtied, shared_blks_written, temp_blks_read, temp_blks_written, %s, %s, wal_bytes, %s
        FROM %I.pg_stat_statements(true)
        WHERE userid NOT IN (SELECT oid FROM pg_catalog.pg_roles WHERE rolname IN (%L, %L)) AND query !~ %L',
        CASE WHEN renamed THEN 'shared_blk_read_time' ELSE 'blk_read_time' END,
        CASE WHEN renamed THEN 'shared_blk_write_time' ELSE 'blk_write_time' END,
        CASE WHEN renamed THEN 'stats_since' ELSE 'NULL::timestamptz' END,
        home, 'otelmon_reader', 'otelmon_recorder', '\motelmon"?\.'
    );
END
$function$;

CREATE VIEW otelmon.statements (
    query_id, -- as in pg_stat_activity.query_id and in EXPLAIN VERBOSE
    user_name, -- who ran it
    top_level, -- false: it ran inside a function
    statement_kind, -- first word of the statement; null where a comment hides it
    query, -- normalized text of SELECT, INSERT, UPDATE, DELETE, MERGE and WITH, without comments, at most 4096 characters
    calls, -- how often it ran to its end
    total_exec_time_seconds, -- time spent executing
    mean_exec_time_seconds, -- mean of one call
    min_exec_time_seconds, -- fastest call
    max_exec_time_seconds, -- slowest call
    stddev_exec_time_seconds, -- standard deviation of the calls
    total_time_ratio, -- share of all execution time of this database, top-level statements
    plans, -- how often it was planned; 0 unless pg_stat_statements.track_planning is on
    total_plan_time_seconds, -- time spent planning
    rows, -- rows returned or changed
    shared_hit_bytes, -- found in shared buffers
    shared_read_bytes, -- read from outside shared buffers
    cache_hit_ratio, -- hit / (hit + read); null where nothing was touched
    shared_dirtied_bytes, -- made dirty
    temp_read_bytes, -- read from temporary files
    temp_written_bytes, -- written to temporary files
    read_time_seconds, -- time of shared reads; 0 unless track_io_timing is on
    write_time_seconds, -- time of shared writes; 0 unless track_io_timing is on
    wal_bytes, -- write-ahead log made
    stats_since -- since when this row counts; null before pg_stat_statements 1.11
) AS
WITH entry AS (
    SELECT
        s.*,
        pg_catalog.btrim(CASE WHEN s.query ~ '/\*|--' THEN
            pg_catalog.regexp_replace(
                pg_catalog.regexp_replace(pg_catalog.left(s.query, 4096), '/\*.*?\*/', ' ', 'g'), '--[^\n]*', ' ', 'g'
            )
            ELSE pg_catalog.left(s.query, 4096)
        END, E' \n\r\t;') AS plain
    FROM otelmon.read_statements() AS s
    WHERE s.database_id = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
),
typed AS (
    SELECT e.*, pg_catalog.upper(pg_catalog.substring(e.plain, '^[(\s]*([A-Za-z]+)')) AS kind FROM entry AS e
)
SELECT
    t.query_id,
    pg_catalog.pg_get_userbyid(t.user_id),
    t.top_level,
    t.kind,
    -- A quote, a dollar quote, a comment or a second statement that is left over means: not normalized, so not shown.
    CASE WHEN t.kind IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'WITH')
        AND t.plain !~ '['';]|/\*|\*/|--|\$([^0-9]|$)'
        THEN pg_catalog.regexp_replace(
            pg_catalog.regexp_replace(t.plain, '\s+', ' ', 'g'), '(?<!\$)\m[0-9][\w.]*', '?', 'g'
        )
    END,
    t.calls,
    t.total_exec_time / 1000,
    t.mean_exec_time / 1000,
    t.min_exec_time / 1000,
    t.max_exec_time / 1000,
    t.stddev_exec_time / 1000,
    t.total_exec_time / NULLIF(pg_catalog.sum(t.total_exec_time) FILTER (WHERE t.top_level) OVER (), 0),
    t.plans,
    t.total_plan_time / 1000,
    t.rows,
    t.shared_blks_hit * block.size,
    t.shared_blks_read * block.size,
    t.shared_blks_hit::double precision / NULLIF(t.shared_blks_hit + t.shared_blks_read, 0),
    t.shared_blks_dirtied * block.size,
    t.temp_blks_read * block.size,
    t.temp_blks_written * block.size,
    t.blk_read_time / 1000,
    t.blk_write_time / 1000,
    t.wal_bytes,
    t.stats_since
FROM typed AS t
CROSS JOIN (SELECT pg_catalog.current_setting('block_size')::bigint AS size) AS block;
