-- When each table was last vacuumed and analyzed, and whether that is due.
-- Read: vacuum_due for long means that autovacuum does not keep up, or that an old transaction stops it (see
-- open_transactions.xmin_age_transactions and replication_slots). Settings of the table itself are respected.
-- Cannot tell: How long the next vacuum will take. Rows are estimates of the server.
CREATE VIEW otelmon.vacuum (
    schema_name, -- of the table
    table_name, -- table, partition or materialized view
    live_tuples, -- estimated rows
    dead_tuples, -- estimated rows that vacuum can remove
    dead_ratio, -- dead / (live + dead); null for an empty table
    vacuum_threshold_tuples, -- dead rows from which autovacuum starts
    vacuum_due, -- true: dead rows are above the threshold
    autovacuum_enabled, -- false: switched off for the table or the server
    last_vacuum_at, -- by hand or by the server; null: never since the reset
    last_analyze_at, -- by hand or by the server; null: never since the reset
    modified_since_analyze_tuples, -- rows changed since the last analyze
    inserted_since_vacuum_tuples, -- rows inserted since the last vacuum
    transaction_id_age, -- transactions since the oldest unfrozen row
    is_being_vacuumed -- true: a vacuum works on it now
) AS
SELECT
    s.schemaname, s.relname, s.n_live_tup, s.n_dead_tup,
    s.n_dead_tup::double precision / NULLIF(s.n_live_tup + s.n_dead_tup, 0),
    threshold.tuples::bigint, s.n_dead_tup > threshold.tuples,
    COALESCE(own.enabled, true) AND pg_catalog.current_setting('autovacuum')::boolean,
    GREATEST(s.last_vacuum, s.last_autovacuum), GREATEST(s.last_analyze, s.last_autoanalyze),
    s.n_mod_since_analyze, s.n_ins_since_vacuum, pg_catalog.age(c.relfrozenxid),
    EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum AS p WHERE p.relid = s.relid)
FROM pg_catalog.pg_stat_user_tables AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.relid
LEFT JOIN LATERAL (
    SELECT
        pg_catalog.max(o.option_value) FILTER (WHERE o.option_name = 'autovacuum_vacuum_threshold')
            ::double precision AS base,
        pg_catalog.max(o.option_value) FILTER (WHERE o.option_name = 'autovacuum_vacuum_scale_factor')
            ::double precision AS factor,
        pg_catalog.max(o.option_value) FILTER (WHERE o.option_name = 'autovacuum_vacuum_max_threshold')
            ::double precision AS most,
        pg_catalog.max(o.option_value) FILTER (WHERE o.option_name = 'autovacuum_enabled')::boolean AS enabled
    FROM pg_catalog.pg_options_to_table(c.reloptions) AS o
) AS own ON c.reloptions IS NOT NULL
CROSS JOIN LATERAL (
    SELECT LEAST(
        COALESCE(own.base, pg_catalog.current_setting('autovacuum_vacuum_threshold')::double precision)
        + COALESCE(own.factor, pg_catalog.current_setting('autovacuum_vacuum_scale_factor')::double precision)
        * GREATEST(c.reltuples, 0),
        -- Known since 18; -1 means no such limit.
        NULLIF(COALESCE(own.most,
            pg_catalog.current_setting('autovacuum_vacuum_max_threshold', true)::double precision), -1)
    ) AS tuples
) AS threshold
WHERE s.schemaname <> 'otelmon';
