-- @owner
CREATE TABLE item (id integer PRIMARY KEY, label text, kind text); CREATE INDEX by_kind ON item (kind);
CREATE INDEX by_label ON item (label); CREATE UNIQUE INDEX once ON item (kind, label);
INSERT INTO item SELECT n, 'label ' || n, 'x' FROM generate_series(1, 500) AS n; ANALYZE item;
CREATE TABLE part (id integer, label text) PARTITION BY RANGE (id); CREATE INDEX part_label ON part (label);
CREATE INDEX part_id ON part (id);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (100);
CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM (100) TO (200);
INSERT INTO part SELECT n, 'label ' || n FROM generate_series(1, 199) AS n; ANALYZE part;
-- @owner
SET enable_seqscan = off; SELECT count(*) FROM item WHERE label = 'label 7'; SELECT id FROM part_1 WHERE label = 'x';
-- @both: neither what enforces something nor an index of which a partition is in use
SELECT table_name, index_name, table_writes, statistics_age_seconds >= 0 AS has_age, cannot_tell_reason
FROM otelmon.unused_indexes ORDER BY index_name;
