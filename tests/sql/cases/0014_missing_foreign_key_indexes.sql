-- @owner
CREATE TABLE parent (id integer PRIMARY KEY, a integer, b integer, UNIQUE (a, b));
CREATE TABLE good (p integer REFERENCES parent, a integer, b integer, FOREIGN KEY (a, b) REFERENCES parent (a, b));
CREATE INDEX ON good (p); CREATE INDEX other_order ON good (b, a);
-- @both: each key has an index, in whatever order
SELECT constraint_name FROM otelmon.missing_foreign_key_indexes;
-- @owner
CREATE TABLE bad (p integer REFERENCES parent, q integer REFERENCES parent, r integer REFERENCES parent, x integer);
CREATE INDEX some_only ON bad (p) WHERE x > 1; CREATE INDEX included ON bad (x) INCLUDE (q);
CREATE INDEX second_place ON bad (x, r); INSERT INTO parent SELECT n, n, n FROM generate_series(1, 9) AS n;
DELETE FROM parent WHERE id = 1; UPDATE parent SET a = 20 WHERE id = 2; ANALYZE bad;
-- @both: partial, included and second columns do not serve a foreign key
SELECT schema_name, table_name, constraint_name, column_names, referenced_table_name, referenced_deletes,
    referenced_updates FROM otelmon.missing_foreign_key_indexes ORDER BY constraint_name;
