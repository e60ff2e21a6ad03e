-- Estimate of the space in each table that holds no live row.
-- Read: expected_size_bytes is what the rows would need, from their average width and the fill factor. Take rows with
-- a bloat_ratio above one half and many bytes seriously; an estimate within some percent of zero means nothing.
-- Cannot tell: cannot_tell_reason says why there is no estimate: a role without SELECT on the table may not read its
-- column statistics (otelmon_reader has none on purpose, the owner sees more), or the table was never analyzed.
CREATE VIEW otelmon.bloat (
    schema_name, -- of the table
    table_name, -- table, partition or materialized view
    size_bytes, -- pages as of the last vacuum or analyze, without indexes and TOAST
    expected_size_bytes, -- what the rows need; null where nothing can be told
    bloat_bytes, -- size - expected, at least 0; null where nothing can be told
    bloat_ratio, -- bloat / size; null where nothing can be told
    dead_ratio, -- dead / (live + dead) rows as the server counts them, always there
    cannot_tell_reason -- why there is no estimate; null: there is one
) AS
WITH measured AS (
    SELECT
        n.nspname, c.relname, c.oid, c.relpages, c.reltuples, c.relnatts,
        COALESCE((
            SELECT o.option_value::integer FROM pg_catalog.pg_options_to_table(c.reloptions) AS o
            WHERE o.option_name = 'fillfactor'
        ), 100) AS fillfactor,
        pg_catalog.has_table_privilege(c.oid, 'SELECT') AS readable
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'otelmon')
        AND n.nspname !~ '^pg_(toast|temp)'
),
width AS (
    -- pg_stats shows a role only the columns that it may read. Inherited statistics are of the whole tree.
    SELECT s.schemaname, s.tablename, pg_catalog.count(*) AS columns,
        pg_catalog.sum((1 - s.null_frac) * s.avg_width) AS bytes
    FROM pg_catalog.pg_stats AS s
    WHERE NOT s.inherited AND s.schemaname NOT IN ('pg_catalog', 'information_schema', 'otelmon')
        -- Asked once: pg_stats looks up the rights on every column, for a role that has none at all, too.
        AND (SELECT pg_catalog.bool_or(m.readable) FROM measured AS m)
    GROUP BY s.schemaname, s.tablename
),
estimate AS (
    SELECT
        m.*, pg_catalog.current_setting('block_size')::bigint AS block_size,
        CASE
            WHEN NOT m.readable THEN 'column statistics are denied to this role'
            WHEN m.reltuples < 0 OR w.columns IS NULL AND m.reltuples > 0 THEN 'never analyzed'
        END AS reason,
        -- A row is a header of 24 bytes, its columns filled up to 8 bytes, and a pointer of 4; a page keeps 24.
        pg_catalog.ceil(
            GREATEST(m.reltuples, 0)
            * (4 + 24 + 8 * pg_catalog.ceil(COALESCE(w.bytes, 0) / 8))
            / ((pg_catalog.current_setting('block_size')::bigint - 24) * m.fillfactor / 100.0)
        ) AS expected_pages
    FROM measured AS m
    LEFT JOIN width AS w ON w.schemaname = m.nspname AND w.tablename = m.relname
)
SELECT
    e.nspname, e.relname, e.relpages * e.block_size,
    CASE WHEN e.reason IS NULL THEN (e.expected_pages * e.block_size)::bigint END,
    CASE WHEN e.reason IS NULL THEN (GREATEST(e.relpages - e.expected_pages, 0) * e.block_size)::bigint END,
    CASE WHEN e.reason IS NULL THEN GREATEST(e.relpages - e.expected_pages, 0) / NULLIF(e.relpages, 0) END,
    u.dead::double precision / NULLIF(u.live + u.dead, 0),
    e.reason
FROM estimate AS e
-- The functions behind pg_stat_all_tables are asked directly: that view joins the catalogs once more.
CROSS JOIN LATERAL (
    SELECT pg_catalog.pg_stat_get_live_tuples(e.oid), pg_catalog.pg_stat_get_dead_tuples(e.oid) OFFSET 0
) AS u (live, dead);
