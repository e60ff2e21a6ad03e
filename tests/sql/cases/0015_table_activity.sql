-- @owner
CREATE SCHEMA shop; CREATE TABLE shop.item (id integer PRIMARY KEY, price integer) WITH (fillfactor = 50);
CREATE TABLE part (id integer) PARTITION BY RANGE (id); CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (9);
INSERT INTO shop.item SELECT n, n FROM generate_series(1, 100) AS n; INSERT INTO part VALUES (1);
-- @owner
UPDATE shop.item SET price = 0 WHERE id <= 10; DELETE FROM shop.item WHERE id > 90;
-- @owner
SELECT sum(price) FROM shop.item;
-- @both: what happened to each table, in every schema, partitions too
SELECT schema_name, table_name, is_partition, inserts, updates, hot_update_ratio, deletes, live_tuples, dead_tuples,
    sequential_scans > 0 AS was_scanned FROM otelmon.table_activity ORDER BY schema_name;
