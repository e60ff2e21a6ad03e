-- @both: pg_stat_statements is there, others are not
SELECT extension_name, state, schema_name, available, remedy FROM otelmon.extensions
WHERE extension_name IN ('pg_stat_statements', 'pgstattuple') ORDER BY 1;
-- @owner
CREATE SCHEMA extensions; ALTER EXTENSION pg_stat_statements SET SCHEMA extensions;
-- @reader: denied until the schema of the extension may be used
SELECT state, remedy FROM otelmon.extensions WHERE extension_name = 'pg_stat_statements';
-- @reader: and the view says so
SELECT * FROM otelmon.statements;
-- @owner
GRANT USAGE ON SCHEMA extensions TO otelmon_reader;
-- @both: in another schema it works as well
SELECT e.state, e.schema_name, (SELECT count(*) > 0 FROM otelmon.statements) AS has_statements
FROM otelmon.extensions AS e WHERE extension_name = 'pg_stat_statements';
-- @owner
DROP EXTENSION pg_stat_statements;
-- @both: missing, and what to run
SELECT state, schema_name, available, remedy FROM otelmon.extensions WHERE extension_name = 'pg_stat_statements';
-- @both: the view that needs it says so
DO $$ BEGIN PERFORM * FROM otelmon.statements;
EXCEPTION WHEN object_not_in_prerequisite_state THEN PERFORM set_config('case.said', left(SQLERRM, 29), false); END $$;
SELECT current_setting('case.said') AS said;
