-- How often each index was used since the statistics were reset.
-- Read: tuples_per_scan far above fetch needs points at an index that is read widely and filtered late.
-- Cannot tell: Use on standbys, which count for themselves. The size is an estimate from the last vacuum, analyze or
-- index build, so that the view never waits for a lock. Before PostgreSQL 16 last_scan_at is null.
CREATE VIEW otelmon.index_usage (
    schema_name, -- of table and index
    table_name, -- table or partition
    index_name, -- the index
    index_scans, -- scans started on it
    tuples_read, -- index entries returned
    tuples_fetched, -- live rows fetched by plain scans
    tuples_per_scan, -- entries returned per scan; null without scans
    fetch_ratio, -- fetched / read; null where nothing was read
    last_scan_at, -- last use; null: never, or before PostgreSQL 16
    is_unique, -- enforces uniqueness
    estimated_size_bytes -- pages as of the last vacuum, analyze or build
) AS
-- The functions behind pg_stat_user_indexes are asked directly: that view joins the catalogs once more.
SELECT
    n.nspname, t.relname, c.relname, u.scans, u.read, u.fetched,
    u.read::double precision / NULLIF(u.scans, 0), u.fetched::double precision / NULLIF(u.read, 0),
    pg_catalog.pg_stat_get_lastscan(i.indexrelid), i.indisunique, c.relpages * block.size
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid AND c.relkind = 'i'
JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid AND t.relkind IN ('r', 'm')
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT pg_catalog.pg_stat_get_numscans(i.indexrelid), pg_catalog.pg_stat_get_tuples_returned(i.indexrelid),
        pg_catalog.pg_stat_get_tuples_fetched(i.indexrelid)
    OFFSET 0
) AS u (scans, read, fetched)
CROSS JOIN (SELECT pg_catalog.current_setting('block_size')::bigint AS size) AS block
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'otelmon') AND n.nspname !~ '^pg_toast';
