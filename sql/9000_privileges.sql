-- Who may do what: the reader reads, the recorder writes and prunes the history, everybody else has no way in.
REVOKE ALL ON ALL TABLES IN SCHEMA otelmon FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA otelmon FROM PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA otelmon TO otelmon_reader, otelmon_recorder;
GRANT EXECUTE ON FUNCTION otelmon.read_statements(), otelmon.read_statements_info() TO otelmon_reader, otelmon_recorder;
GRANT EXECUTE ON FUNCTION otelmon.take_snapshot(), otelmon.evaluate_alerts(bigint), otelmon.prune_history(interval)
    TO otelmon_recorder;
GRANT INSERT, DELETE ON otelmon.snapshot_history, otelmon.statement_history, otelmon.alert_history TO otelmon_recorder;
GRANT UPDATE (resolved_at) ON otelmon.alert_history TO otelmon_recorder;

DO $extension$
DECLARE
    home name;
BEGIN
    -- Some keep extensions in a schema that not everybody may use, as Supabase does.
    SELECT n.nspname INTO home
    FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
    WHERE e.extname = 'pg_stat_statements' AND NOT (
        pg_catalog.has_schema_privilege('otelmon_reader', n.oid, 'USAGE')
        AND pg_catalog.has_schema_privilege('otelmon_recorder', n.oid, 'USAGE')
    );
    IF home IS NOT NULL THEN
        EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA %I TO otelmon_reader, otelmon_recorder', home);
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING '% may not let otelmon_reader use the schema %: have an administrator run GRANT USAGE ON SCHEMA',
        CURRENT_USER, home;
END
$extension$;

DO $invoker$
DECLARE
    view_name name;
BEGIN
    -- Since 15 a view can ask with the rights of its reader, not of its owner.
    IF pg_catalog.current_setting('server_version_num')::integer >= 150000 THEN
        FOR view_name IN
            SELECT c.relname FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = 'otelmon' AND c.relkind = 'v'
        LOOP
            EXECUTE pg_catalog.format('ALTER VIEW otelmon.%I SET (security_invoker = true)', view_name);
        END LOOP;
    END IF;
END
$invoker$;
