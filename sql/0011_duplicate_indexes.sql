-- Indexes that are the same as another index of their table.
-- Read: Same method, columns in the same order and direction, operator classes, collations, included columns,
-- expressions and condition. kept_index_name is the one to keep: it enforces something or is the older one.
-- Cannot tell: Indexes that are equal only in meaning, such as two conditions written differently. Partitions of an
-- index are not listed, their parent is.
CREATE VIEW otelmon.duplicate_indexes (
    schema_name, -- of table and index
    table_name, -- the table
    index_name, -- the one that can go
    kept_index_name, -- the one that does the same
    estimated_size_bytes -- pages of the one that can go, as of the last vacuum, analyze or build
) AS
WITH candidate AS (
    SELECT
        i.indexrelid, i.indrelid, c.relpages, c.relname,
        pg_catalog.first_value(c.relname) OVER same AS kept,
        pg_catalog.row_number() OVER same AS place,
        -- What enforces or identifies something must not go even if there are two of it.
        i.indisunique OR i.indisprimary OR i.indisexclusion OR i.indisreplident AS needed,
        pg_catalog.bool_or(i.indisunique) OVER same_all AS one_is_unique,
        pg_catalog.row_number() OVER same > 1 AS later
    FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
    WHERE i.indisvalid AND i.indislive AND NOT c.relispartition
    WINDOW
        same_all AS (
            PARTITION BY
                i.indrelid, c.relam, i.indkey::text, i.indnkeyatts, i.indclass::text, i.indcollation::text,
                i.indoption::text,
                -- Node trees hold the place in the original text, which means nothing here.
                pg_catalog.regexp_replace(i.indexprs::text, ':location -?[0-9]+', '', 'g'),
                pg_catalog.regexp_replace(i.indpred::text, ':location -?[0-9]+', '', 'g')
        ),
        same AS (
            same_all ORDER BY i.indisprimary DESC, i.indisreplident DESC, i.indisunique DESC, i.indexrelid
        )
)
SELECT
    n.nspname, t.relname, d.relname, d.kept, d.relpages * pg_catalog.current_setting('block_size')::bigint
FROM candidate AS d
JOIN pg_catalog.pg_class AS t ON t.oid = d.indrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
WHERE d.later AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'otelmon') AND n.nspname !~ '^pg_toast'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = d.indexrelid
    );
