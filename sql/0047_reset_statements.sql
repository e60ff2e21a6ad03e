-- Forgets the statements of this database in pg_stat_statements, and of no other database. Returns when that was. Only
-- who may run pg_stat_statements_reset may do so; the function adds no right.
CREATE FUNCTION otelmon.reset_statements() RETURNS timestamptz
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    home name;
BEGIN
    SELECT /* otelmon.reset_statements */ n.nspname INTO home
    FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
    WHERE e.extname = 'pg_stat_statements';
    IF home IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('pg_stat_statements is missing in database %s', current_database()),
            HINT = 'Run CREATE EXTENSION pg_stat_statements in this database.';
    END IF;
    -- Without arguments it would forget the statements of all databases.
    EXECUTE format(
        'SELECT /* otelmon.reset_statements */ %I.pg_stat_statements_reset(0::oid, oid, 0::bigint)
        FROM pg_catalog.pg_database WHERE datname = $1', home
    ) USING current_database();
    RETURN clock_timestamp();
END
$function$;
