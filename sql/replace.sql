-- Drops the views and functions of the schema, so that the numbered files can make them anew. Tables stay.
DO $replace$
DECLARE
    names text;
BEGIN
    -- In one statement each, because they depend on each other. What others built on them stops the installation.
    SELECT pg_catalog.string_agg(pg_catalog.format('otelmon.%I', c.relname), ', ') INTO names
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'otelmon' AND c.relkind = 'v';
    IF names IS NOT NULL THEN
        EXECUTE 'DROP VIEW ' || names;
    END IF;
    SELECT pg_catalog.string_agg(p.oid::pg_catalog.regprocedure::text, ', ') INTO names
    FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname = 'otelmon';
    IF names IS NOT NULL THEN
        EXECUTE 'DROP FUNCTION ' || names;
    END IF;
END
$replace$;
