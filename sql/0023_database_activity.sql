-- Transactions, rows, deadlocks and lost sessions of each database since the statistics were reset.
-- Read: A rising rollback_ratio or any deadlock is worth a look into the server log. abandoned_sessions are clients
-- that went away without saying so.
-- Cannot tell: Which statements failed.
CREATE VIEW otelmon.database_activity (
    database_name, -- the database
    sessions_now, -- connected at this moment
    commits, -- transactions committed
    rollbacks, -- transactions rolled back
    rollback_ratio, -- rollbacks / (commits + rollbacks); null without any
    tuples_returned, -- rows read by scans
    tuples_fetched, -- rows fetched by index scans
    tuples_inserted, -- rows inserted
    tuples_updated, -- rows updated
    tuples_deleted, -- rows deleted
    conflicts, -- statements cancelled by recovery, on standbys
    deadlocks, -- found and broken
    checksum_failures, -- damaged pages found; null where checksums are off
    sessions, -- sessions begun
    abandoned_sessions, -- ended by a lost connection
    fatal_sessions, -- ended by a fatal error
    killed_sessions, -- ended by an operator
    active_time_seconds, -- time spent running statements
    idle_in_transaction_time_seconds, -- time spent idle with a transaction open
    reset_at -- since when it counts; null: never reset
) AS
SELECT
    d.datname, d.numbackends, d.xact_commit, d.xact_rollback,
    d.xact_rollback::double precision / NULLIF(d.xact_commit + d.xact_rollback, 0),
    d.tup_returned, d.tup_fetched, d.tup_inserted, d.tup_updated, d.tup_deleted, d.conflicts, d.deadlocks,
    d.checksum_failures, d.sessions, d.sessions_abandoned, d.sessions_fatal, d.sessions_killed,
    d.active_time / 1000, d.idle_in_transaction_time / 1000, d.stats_reset
FROM pg_catalog.pg_stat_database AS d
WHERE d.datname IS NOT NULL;
