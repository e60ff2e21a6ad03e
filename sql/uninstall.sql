-- Removes the schema otelmon with its history, and the two roles unless another database still uses them.
DO $uninstall$
DECLARE
    dependent text;
    role_name text;
    home name;
BEGIN
    SELECT pg_catalog.string_agg(DISTINCT n.nspname || '.' || c.relname, ', ') INTO dependent
    FROM pg_catalog.pg_depend AS d
    JOIN pg_catalog.pg_rewrite AS w ON w.oid = d.objid AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
    JOIN pg_catalog.pg_class AS c ON c.oid = w.ev_class
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class AS ours ON ours.oid = d.refobjid
    JOIN pg_catalog.pg_namespace AS schema ON schema.oid = ours.relnamespace
    WHERE schema.nspname = 'otelmon' AND n.nspname <> 'otelmon';
    IF dependent IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'dependent_objects_still_exist',
            MESSAGE = pg_catalog.format('other views depend on the schema otelmon: %s', dependent),
            HINT = 'Drop or change them first; nothing was removed.';
    END IF;
    DROP SCHEMA IF EXISTS otelmon CASCADE;
    SELECT n.nspname INTO home
    FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
    WHERE e.extname = 'pg_stat_statements';
    FOREACH role_name IN ARRAY ARRAY['otelmon_reader', 'otelmon_recorder'] LOOP
        IF EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = role_name) THEN
            BEGIN
                -- The installation may have let them use the schema of the extension.
                IF home IS NOT NULL THEN
                    EXECUTE pg_catalog.format('REVOKE USAGE ON SCHEMA %I FROM %I', home, role_name);
                END IF;
                EXECUTE pg_catalog.format('DROP ROLE %I', role_name);
            EXCEPTION
                WHEN dependent_objects_still_exist THEN
                    RAISE WARNING 'role % is kept: it still has rights elsewhere, such as in another database', role_name;
                WHEN insufficient_privilege THEN
                    RAISE WARNING '% may not drop role %, which is kept', CURRENT_USER, role_name;
            END;
        END IF;
    END LOOP;
END
$uninstall$;
