-- @owner
CREATE TABLE item (a integer, b integer, c integer, label text);
CREATE INDEX ab ON item (a, b); CREATE INDEX b ON item (b); CREATE UNIQUE INDEX a_once ON item (a);
CREATE INDEX a_down ON item (a DESC); CREATE INDEX a_some ON item (a) WHERE b > 1;
CREATE INDEX a_more ON item (a) INCLUDE (c); CREATE INDEX label_ab ON item (label, a);
CREATE INDEX label_pattern ON item (label text_pattern_ops); CREATE INDEX a_hash ON item USING hash (a);
-- @both: what differs in any way is not redundant
SELECT index_name FROM otelmon.redundant_indexes;
-- @owner
CREATE INDEX a ON item (a); CREATE INDEX abc ON item (a, b, c); CREATE INDEX label ON item (label);
-- @both: prefixes of wider indexes
SELECT schema_name, table_name, index_name, covering_index_name FROM otelmon.redundant_indexes ORDER BY index_name;
