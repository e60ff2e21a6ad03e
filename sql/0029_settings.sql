-- Settings of the server that decide about performance and about what can be seen.
-- Read: advice is null where nothing is to be said. pending_restart true means that the file says something else.
-- Cannot tell: Settings of single roles, databases and sessions; shown is what this session has.
CREATE VIEW otelmon.settings (
    setting_name, -- as in postgresql.conf
    setting_value, -- present value
    unit, -- unit of the value; null: none
    source, -- default, configuration file, database, ...
    pending_restart, -- true: changed in the file, takes a restart
    purpose, -- what it decides
    advice -- what to look at; null: nothing
) AS
SELECT
    s.name, s.setting, s.unit, s.source, s.pending_restart, w.purpose,
    CASE
        WHEN s.name = 'pg_stat_statements.track_utility' AND s.setting = 'on'
            THEN 'utility statements keep literals, passwords included, in pg_stat_statements: set off'
        WHEN s.name = 'track_io_timing' AND s.setting = 'off' THEN 'times of reads and writes stay 0: set on'
        WHEN s.name = 'compute_query_id' AND s.setting = 'off' THEN 'sessions show no query id: set auto or on'
        WHEN s.name = 'idle_in_transaction_session_timeout' AND s.setting = '0'
            THEN 'a forgotten transaction stays open for ever: set a limit'
        WHEN s.name = 'log_lock_waits' AND s.setting = 'off' THEN 'waits for locks leave no trace in the log: set on'
        WHEN s.name = 'autovacuum' AND s.setting = 'off' THEN 'nothing is cleaned or analyzed by itself: set on'
        WHEN s.name IN ('track_counts', 'track_activities') AND s.setting = 'off'
            THEN 'most views have nothing to show: set on'
        WHEN s.name IN ('fsync', 'full_page_writes') AND s.setting = 'off' THEN 'a crash can lose the data: set on'
    END
FROM pg_catalog.pg_settings AS s
JOIN (VALUES
    ('autovacuum', 'cleaning and analyzing by the server'),
    ('autovacuum_max_workers', 'how many tables are cleaned at once'),
    ('checkpoint_timeout', 'time between checkpoints'),
    ('compute_query_id', 'query ids of running statements'),
    ('default_statistics_target', 'detail of what the planner knows'),
    ('effective_cache_size', 'what the planner expects to find in memory'),
    ('effective_io_concurrency', 'reads at once'),
    ('fsync', 'safety of data'),
    ('full_page_writes', 'safety of data'),
    ('idle_in_transaction_session_timeout', 'end of forgotten transactions'),
    ('lock_timeout', 'longest wait for a lock'),
    ('log_lock_waits', 'waits for locks in the log'),
    ('log_min_duration_statement', 'slow statements in the log'),
    ('maintenance_work_mem', 'memory of vacuum and index builds'),
    ('max_connections', 'how many sessions there can be'),
    ('max_wal_size', 'log between checkpoints'),
    ('pg_stat_statements.max', 'how many statements are kept'),
    ('pg_stat_statements.track', 'which statements are counted'),
    ('pg_stat_statements.track_planning', 'whether planning is counted'),
    ('pg_stat_statements.track_utility', 'whether utility statements are counted'),
    ('random_page_cost', 'what the planner takes a random read for'),
    ('server_version', 'version of the server'),
    ('shared_buffers', 'memory for pages'),
    ('statement_timeout', 'longest statement'),
    ('track_activities', 'what sessions do'),
    ('track_counts', 'statistics of tables and indexes'),
    ('track_io_timing', 'times of reads and writes'),
    ('wal_level', 'what replication can do'),
    ('work_mem', 'memory of sorts and hashes')
) AS w (name, purpose) ON w.name = s.name;
