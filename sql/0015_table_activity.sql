-- What was read from and written to each table since the statistics were reset.
-- Read: hot_update_ratio near 1 means that updates leave the indexes alone. dead_ratio says what vacuum has to do.
-- Cannot tell: Reads on standbys, which count for themselves. Live and dead rows are estimates of the server.
CREATE VIEW otelmon.table_activity (
    schema_name, -- of the table
    table_name, -- table, partition or materialized view
    is_partition, -- true: part of a partitioned table
    sequential_scans, -- scans of the whole table
    sequential_tuples_read, -- live rows read by them
    index_scans, -- scans of its indexes; null without an index
    index_tuples_fetched, -- live rows fetched by them
    inserts, -- rows inserted
    updates, -- rows updated
    hot_updates, -- of these, without touching an index
    hot_update_ratio, -- hot updates / updates; null without updates
    deletes, -- rows deleted
    live_tuples, -- estimated rows
    dead_tuples, -- estimated rows that vacuum can remove
    dead_ratio, -- dead / (live + dead); null for an empty table
    vacuums, -- manual ones
    autovacuums, -- by the server
    analyzes, -- manual ones
    autoanalyzes, -- by the server
    estimated_size_bytes -- pages as of the last vacuum or analyze, without indexes
) AS
SELECT
    s.schemaname, s.relname, c.relispartition, s.seq_scan, s.seq_tup_read, s.idx_scan, s.idx_tup_fetch, s.n_tup_ins,
    s.n_tup_upd, s.n_tup_hot_upd, s.n_tup_hot_upd::double precision / NULLIF(s.n_tup_upd, 0), s.n_tup_del,
    s.n_live_tup, s.n_dead_tup, s.n_dead_tup::double precision / NULLIF(s.n_live_tup + s.n_dead_tup, 0),
    s.vacuum_count, s.autovacuum_count, s.analyze_count, s.autoanalyze_count,
    c.relpages * pg_catalog.current_setting('block_size')::bigint
FROM pg_catalog.pg_stat_user_tables AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.relid
WHERE s.schemaname <> 'otelmon';
