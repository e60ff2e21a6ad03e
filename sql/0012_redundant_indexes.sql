-- B-tree indexes whose columns are the first columns of a wider index of the same table.
-- Read: The wider index answers the same searches, a little slower because it is bigger. Columns, directions,
-- operator classes, collations and condition are compared; included columns must all be in the wider index.
-- Cannot tell: Whether the narrower one is worth its cost for being smaller, and indexes on expressions, which are not
-- compared. Partitions of an index are not listed, their parent is.
CREATE VIEW otelmon.redundant_indexes (
    schema_name, -- of table and index
    table_name, -- the table
    index_name, -- the narrower one
    covering_index_name, -- the wider one
    estimated_size_bytes -- pages of the narrower one, as of the last vacuum, analyze or build
) AS
WITH btree AS MATERIALIZED (
    SELECT
        i.*, c.relname, c.relpages,
        pg_catalog.string_to_array(i.indkey::text, ' ') AS columns,
        pg_catalog.string_to_array(i.indclass::text, ' ') AS classes,
        pg_catalog.string_to_array(i.indcollation::text, ' ') AS collations,
        pg_catalog.string_to_array(i.indoption::text, ' ') AS options,
        pg_catalog.regexp_replace(i.indpred::text, ':location -?[0-9]+', '', 'g') AS condition
    FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
    WHERE m.amname = 'btree' AND i.indisvalid AND i.indislive AND i.indexprs IS NULL AND NOT c.relispartition
)
SELECT DISTINCT ON (narrow.indexrelid)
    n.nspname, t.relname, narrow.relname, wide.relname,
    narrow.relpages * pg_catalog.current_setting('block_size')::bigint
FROM btree AS narrow
JOIN btree AS wide ON wide.indrelid = narrow.indrelid AND wide.indnkeyatts > narrow.indnkeyatts
    AND wide.columns[1:narrow.indnkeyatts] = narrow.columns[1:narrow.indnkeyatts]
    AND wide.classes[1:narrow.indnkeyatts] = narrow.classes[1:narrow.indnkeyatts]
    AND wide.collations[1:narrow.indnkeyatts] = narrow.collations[1:narrow.indnkeyatts]
    AND wide.options[1:narrow.indnkeyatts] = narrow.options[1:narrow.indnkeyatts]
    AND wide.columns @> narrow.columns
    AND wide.condition IS NOT DISTINCT FROM narrow.condition
JOIN pg_catalog.pg_class AS t ON t.oid = narrow.indrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
WHERE NOT narrow.indisunique AND NOT narrow.indisexclusion AND NOT narrow.indisreplident
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'otelmon') AND n.nspname !~ '^pg_toast'
ORDER BY narrow.indexrelid, wide.indnkeyatts, wide.indexrelid;
