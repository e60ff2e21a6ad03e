-- @owner
CREATE SCHEMA shop; CREATE TABLE shop.item (id integer); CREATE TABLE other (id integer);
-- @both: size on disk, and the tables of this database alone
SELECT database_name = current_database() AS here, size_bytes > 1000000 AS has_size,
    size_pretty = pg_size_pretty(size_bytes) AS is_pretty, table_count
FROM otelmon.database_sizes WHERE database_name IN (current_database(), 'postgres') ORDER BY 1;
-- @both: no template
SELECT count(*) FROM otelmon.database_sizes WHERE database_name LIKE 'template%';
