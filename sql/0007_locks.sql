-- Locks held and waited for, by relation and mode.
-- Read: Rows with granted false are what somebody waits for. AccessExclusiveLock keeps even readers out.
-- Cannot tell: The name of a relation in another database.
CREATE VIEW otelmon.locks (
    database_name, -- null for locks that belong to no database
    relation_name, -- schema.table of this database; null elsewhere
    lock_type, -- relation, transactionid, tuple, advisory, ...
    lock_mode, -- for example RowExclusiveLock
    granted, -- false: waited for
    locks, -- how many
    sessions, -- of how many sessions
    longest_wait_seconds -- the longest waiting; null where all are granted
) AS
SELECT
    d.datname, n.nspname || '.' || r.relname, l.locktype, l.mode, l.granted,
    pg_catalog.count(*), pg_catalog.count(DISTINCT l.pid),
    GREATEST(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.min(l.waitstart)), 0)::double precision
FROM pg_catalog.pg_locks AS l
LEFT JOIN pg_catalog.pg_database AS d ON d.oid = l.database
LEFT JOIN (pg_catalog.pg_class AS r JOIN pg_catalog.pg_namespace AS n ON n.oid = r.relnamespace)
    ON r.oid = l.relation AND (d.datname = pg_catalog.current_database() OR l.database = 0)
WHERE l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
GROUP BY d.datname, n.nspname, r.relname, l.locktype, l.mode, l.granted;
