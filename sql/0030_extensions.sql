-- Which extensions that monitoring can use are there, and why one is of no use.
-- Read: state is ok, missing (not created in this database; available says whether the server has its files), not
-- preloaded (created, but the server was started without its library), outdated (older than this schema needs) or
-- denied (this role may not read the statistics of others, or not use the schema). remedy is what an administrator runs.
-- Cannot tell: For extensions other than pg_stat_statements: whether they work; ok means that they are created.
CREATE VIEW otelmon.extensions (
    extension_name, -- as in CREATE EXTENSION
    state, -- ok, missing, not preloaded, outdated, denied
    schema_name, -- where it was created; null: it was not
    installed_version, -- null: not created
    available, -- true: the server has its files
    available_version, -- what ALTER EXTENSION ... UPDATE would bring
    purpose, -- what it is for here
    remedy -- what to run; null: nothing
) AS
WITH known AS (
    SELECT
        w.name, w.purpose, n.nspname AS home, e.extversion AS version, a.name IS NOT NULL AS available,
        a.default_version,
        EXISTS (
            -- The integer setting exists only where the library was loaded with the server.
            SELECT FROM pg_catalog.pg_settings AS s WHERE s.name = 'pg_stat_statements.max' AND s.vartype = 'integer'
        ) AS preloaded
    FROM (VALUES
        ('pg_stat_statements', 'statements, slow_statements, statement_totals and their history'),
        ('hypopg', 'cost of an index before it is built'),
        ('pgstattuple', 'exact bloat of one table'),
        ('pg_buffercache', 'what is in shared buffers')
    ) AS w (name, purpose)
    LEFT JOIN pg_catalog.pg_extension AS e ON e.extname = w.name
    LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
    LEFT JOIN pg_catalog.pg_available_extensions AS a ON a.name = w.name
),
judged AS (
    SELECT k.*, CASE
        WHEN k.version IS NULL THEN 'missing'
        WHEN k.name <> 'pg_stat_statements' THEN 'ok'
        WHEN NOT k.preloaded THEN 'not preloaded'
        WHEN pg_catalog.string_to_array(k.version, '.')::integer[] < ARRAY[1, 9] THEN 'outdated'
        WHEN NOT pg_catalog.pg_has_role(CURRENT_USER, 'pg_read_all_stats', 'USAGE') THEN 'denied'
        WHEN NOT pg_catalog.has_schema_privilege(k.home, 'USAGE') THEN 'denied'
        ELSE 'ok'
    END AS state
    FROM known AS k
)
SELECT
    j.name, j.state, j.home, j.version, j.available, j.default_version, j.purpose,
    CASE
        WHEN j.state = 'missing' AND j.available THEN pg_catalog.format('CREATE EXTENSION %I', j.name)
        WHEN j.state = 'not preloaded' THEN 'add pg_stat_statements to shared_preload_libraries and restart the server'
        WHEN j.state = 'outdated' THEN pg_catalog.format('ALTER EXTENSION %I UPDATE', j.name)
        WHEN j.state = 'denied' AND NOT pg_catalog.has_schema_privilege(j.home, 'USAGE')
            THEN pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %I', j.home, CURRENT_USER)
        WHEN j.state = 'denied' THEN pg_catalog.format('GRANT pg_monitor TO %I', CURRENT_USER)
    END
FROM judged AS j;
