-- Size of each database on disk.
-- Read: Everything in it counts: tables, indexes, TOAST, maps.
-- Cannot tell: Tables of other databases (table_count is null there), the write-ahead log and temporary files. The size
-- is null where the role may neither connect nor read all statistics.
CREATE VIEW otelmon.database_sizes (
    database_name, -- templates are left out
    size_bytes, -- on disk; null where denied
    size_pretty, -- the same for people
    table_count -- tables and partitions of users in this database; null for the others
) AS
SELECT
    d.datname, s.bytes, pg_catalog.pg_size_pretty(s.bytes),
    CASE WHEN d.datname = pg_catalog.current_database() THEN (
        SELECT pg_catalog.count(*) FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'otelmon')
            AND n.nspname !~ '^pg_(toast|temp)'
    ) END
FROM pg_catalog.pg_database AS d
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT')
            OR pg_catalog.pg_has_role(CURRENT_USER, 'pg_read_all_stats', 'USAGE')
        THEN pg_catalog.pg_database_size(d.oid)
    END AS bytes
) AS s
WHERE NOT d.datistemplate;
