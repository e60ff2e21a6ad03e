-- @owner
CREATE TABLE item (id integer PRIMARY KEY, label text); CREATE INDEX by_label ON item (label);
INSERT INTO item SELECT n, 'label ' || n FROM generate_series(1, 500) AS n; ANALYZE item;
-- @owner
SET enable_seqscan = off; SET enable_bitmapscan = off; SELECT count(label) FROM item WHERE id BETWEEN 1 AND 10;
-- @both: one used, one not
SELECT table_name, index_name, index_scans, tuples_read, tuples_fetched, tuples_per_scan, fetch_ratio, is_unique,
    estimated_size_bytes > 0 AS has_size FROM otelmon.index_usage ORDER BY index_name DESC;
