-- The schema otelmon, its versions, and the two roles that work with it.
CREATE SCHEMA IF NOT EXISTS otelmon;
REVOKE ALL ON SCHEMA otelmon FROM PUBLIC;

CREATE TABLE IF NOT EXISTS otelmon.schema_version (
    version integer PRIMARY KEY,
    installed_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    installed_by name NOT NULL DEFAULT CURRENT_USER,
    server_version_num integer NOT NULL DEFAULT pg_catalog.current_setting('server_version_num')::integer
);

CREATE TABLE IF NOT EXISTS otelmon.schema_file (
    file_name text PRIMARY KEY,
    digest text NOT NULL,
    installed_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);

DO $roles$
DECLARE
    role_name text;
    since_16 boolean := pg_catalog.current_setting('server_version_num')::integer >= 160000;
    -- Since 16 whoever made a role may act as it only after granting himself so.
    act_as text := CASE WHEN since_16 THEN 'SET' ELSE 'MEMBER' END;
    self_grant text := CASE WHEN since_16 THEN ' WITH INHERIT FALSE, SET TRUE' ELSE '' END;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['otelmon_reader', 'otelmon_recorder'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = role_name) THEN
            -- No password: whoever runs the server decides how these roles log in.
            EXECUTE pg_catalog.format('CREATE ROLE %I LOGIN CONNECTION LIMIT 2', role_name);
            EXECUTE pg_catalog.format('ALTER ROLE %I SET search_path = pg_catalog', role_name);
            EXECUTE pg_catalog.format('ALTER ROLE %I SET statement_timeout = ''10s''', role_name);
            EXECUTE pg_catalog.format('ALTER ROLE %I SET lock_timeout = ''200ms''', role_name);
            EXECUTE pg_catalog.format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''10s''', role_name);
            IF role_name = 'otelmon_reader' THEN
                ALTER ROLE otelmon_reader SET default_transaction_read_only = on;
            END IF;
        END IF;
        IF NOT pg_catalog.pg_has_role(role_name, 'pg_monitor', 'MEMBER') THEN
            BEGIN
                EXECUTE pg_catalog.format('GRANT pg_monitor TO %I', role_name);
            EXCEPTION WHEN insufficient_privilege THEN
                RAISE WARNING '% may not grant pg_monitor to %: have an administrator run GRANT pg_monitor TO %',
                    CURRENT_USER, role_name, role_name;
            END;
        END IF;
        IF NOT pg_catalog.pg_has_role(role_name, act_as) THEN
            BEGIN
                EXECUTE pg_catalog.format('GRANT %I TO CURRENT_USER', role_name) || self_grant;
            EXCEPTION WHEN insufficient_privilege THEN
                RAISE WARNING '% may not act as %: verify and snapshot need a login of that role', CURRENT_USER, role_name;
            END;
        END IF;
    END LOOP;
END
$roles$;

GRANT USAGE ON SCHEMA otelmon TO otelmon_reader, otelmon_recorder;
