-- Indexes that cost writes but answer no query, usually left behind by a CREATE INDEX CONCURRENTLY that failed.
-- Read: Drop and build it again, or REINDEX INDEX CONCURRENTLY, unless it is being built now.
-- Cannot tell: Why the build failed; the server log says so. An index of a partitioned table is invalid until each
-- partition has one.
CREATE VIEW otelmon.invalid_indexes (
    schema_name, -- of table and index
    table_name, -- the table
    index_name, -- the index
    is_valid, -- true: queries may use it
    is_ready, -- true: writes maintain it
    is_being_built, -- true: a session works on it now
    is_partitioned, -- true: belongs to a partitioned table and waits for its partitions
    estimated_size_bytes -- pages as of the last vacuum, analyze or build
) AS
SELECT
    n.nspname, t.relname, c.relname, i.indisvalid, i.indisready,
    EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index AS p WHERE p.index_relid = i.indexrelid),
    c.relkind = 'I', c.relpages * pg_catalog.current_setting('block_size')::bigint
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
WHERE (NOT i.indisvalid OR NOT i.indisready)
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'otelmon') AND n.nspname !~ '^pg_toast';
