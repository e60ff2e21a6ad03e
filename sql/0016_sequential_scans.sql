-- Tables of 1000 rows or more that are read from end to end.
-- Read: Sort by sequential_tuples_read: many scans that each read many rows ask for an index. A table that is never
-- read by index is listed too (sequential_scan_ratio 1).
-- Cannot tell: Which statement scans; statements and plans do. Smaller tables are left out, because there a
-- sequential scan is usually the best plan.
CREATE VIEW otelmon.sequential_scans (
    schema_name, -- of the table
    table_name, -- table or partition
    sequential_scans, -- scans of the whole table
    sequential_tuples_read, -- live rows read by them
    tuples_per_scan, -- rows read per scan
    sequential_scan_ratio, -- sequential scans / all scans
    live_tuples, -- estimated rows
    estimated_size_bytes -- pages as of the last vacuum or analyze, without indexes
) AS
SELECT
    s.schemaname, s.relname, s.seq_scan, s.seq_tup_read, s.seq_tup_read::double precision / s.seq_scan,
    s.seq_scan::double precision / (s.seq_scan + COALESCE(s.idx_scan, 0)), s.n_live_tup,
    c.relpages * pg_catalog.current_setting('block_size')::bigint
FROM pg_catalog.pg_stat_user_tables AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.relid
WHERE s.schemaname <> 'otelmon' AND s.seq_scan > 0 AND s.n_live_tup >= 1000;
