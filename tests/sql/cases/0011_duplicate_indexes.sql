-- @owner
CREATE TABLE item (id integer PRIMARY KEY, label text, kind text, price integer);
CREATE INDEX label_1 ON item (label); CREATE INDEX label_down ON item (label DESC);
CREATE INDEX label_pattern ON item (label text_pattern_ops); CREATE INDEX label_c ON item (label COLLATE "POSIX");
CREATE INDEX label_some ON item (label) WHERE price > 1; CREATE INDEX label_more ON item (label) INCLUDE (kind);
CREATE INDEX label_hash ON item USING hash (label); CREATE INDEX lower_1 ON item (lower(label));
-- @both: near twins are no duplicates
SELECT index_name FROM otelmon.duplicate_indexes;
-- @owner
CREATE INDEX label_2 ON item (label); CREATE INDEX id_again ON item (id); CREATE INDEX lower_2 ON item (lower( label ));
CREATE INDEX label_some_2 ON item (label) WHERE (price > 1);
-- @both: duplicates, and which one to keep
SELECT schema_name, table_name, index_name, kept_index_name, estimated_size_bytes > 0 AS has_size
FROM otelmon.duplicate_indexes ORDER BY index_name;
