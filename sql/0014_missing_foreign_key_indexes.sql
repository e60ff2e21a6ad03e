-- Foreign keys whose columns no index of the referencing table begins with.
-- Read: Without such an index each delete or key change in the referenced table reads the whole referencing table.
-- The columns may stand in any order at the start of the index; partial indexes and included columns do not count.
-- referenced_deletes and referenced_updates say whether that happens at all.
-- Cannot tell: Whether a small table is better off without; see estimated_rows.
CREATE VIEW otelmon.missing_foreign_key_indexes (
    schema_name, -- of the referencing table
    table_name, -- the referencing table
    constraint_name, -- the foreign key
    column_names, -- its columns, in the order of the constraint
    referenced_table_name, -- schema.table it points to
    estimated_rows, -- rows of the referencing table, as of the last vacuum or analyze; null: never counted
    referenced_deletes, -- rows deleted from the referenced table since the reset
    referenced_updates -- rows updated in the referenced table since the reset
) AS
SELECT
    n.nspname, t.relname, k.conname,
    ARRAY(
        SELECT a.attname::text
        FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS key (attnum, place)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = key.attnum
        ORDER BY key.place
    ),
    rn.nspname || '.' || r.relname,
    CASE WHEN t.reltuples >= 0 THEN t.reltuples::bigint END,
    pg_catalog.pg_stat_get_tuples_deleted(k.confrelid), pg_catalog.pg_stat_get_tuples_updated(k.confrelid)
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS t ON t.oid = k.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_class AS r ON r.oid = k.confrelid
JOIN pg_catalog.pg_namespace AS rn ON rn.oid = r.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'otelmon')
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_index AS i
        JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
        JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
        WHERE i.indrelid = k.conrelid AND i.indisvalid AND i.indpred IS NULL AND m.amname IN ('btree', 'hash')
            AND i.indnkeyatts >= pg_catalog.cardinality(k.conkey)
            AND (pg_catalog.string_to_array(i.indkey::text, ' ')::smallint[])[1:pg_catalog.cardinality(k.conkey)]
                @> k.conkey
    );
