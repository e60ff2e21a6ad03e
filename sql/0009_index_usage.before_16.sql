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
SELECT
    s.schemaname, s.relname, s.indexrelname, s.idx_scan, s.idx_tup_read, s.idx_tup_fetch,
    s.idx_tup_read::double precision / NULLIF(s.idx_scan, 0),
    s.idx_tup_fetch::double precision / NULLIF(s.idx_tup_read, 0),
    NULL::timestamptz, i.indisunique, c.relpages * pg_catalog.current_setting('block_size')::bigint
FROM pg_catalog.pg_stat_user_indexes AS s
JOIN pg_catalog.pg_index AS i ON i.indexrelid = s.indexrelid
JOIN pg_catalog.pg_class AS c ON c.oid = s.indexrelid
WHERE s.schemaname <> 'otelmon';
