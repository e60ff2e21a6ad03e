-- @owner
CREATE TABLE item (id integer); INSERT INTO item VALUES (1), (1);
-- @both: none
SELECT index_name FROM otelmon.invalid_indexes;
-- @waiting builder
CREATE UNIQUE INDEX CONCURRENTLY once ON item (id);
-- @both: what it leaves behind
SELECT schema_name, table_name, index_name, is_valid, is_being_built, is_partitioned FROM otelmon.invalid_indexes;
