-- Sessions that wait for a lock, each with the sessions at the root of its chain.
-- Read: End or hurry the root: all rows with the same root_pid wait for it, directly or behind others. A root in state
-- idle in transaction is usually a forgotten commit; root_pid 0 is a prepared transaction.
-- Cannot tell: The name of a relation in another database.
CREATE VIEW otelmon.blocking (
    blocked_pid, -- who waits
    blocking_pids, -- who stands directly in the way, queue included
    root_pid, -- who waits for nobody and starts the chain
    wait_seconds, -- since when it waits
    lock_type, -- relation, transactionid, tuple, ...
    lock_mode, -- mode that is asked for
    relation_name, -- schema.table, where the lock is on one of this database
    blocked_database_name, -- database of the waiting session
    blocked_user_name, -- user of the waiting session
    blocked_application_name, -- application of the waiting session
    blocked_query_id, -- what waits, as in statements
    root_user_name, -- user at the root
    root_application_name, -- application at the root
    root_state, -- state at the root; prepared for a prepared transaction
    root_query_id, -- present or last statement at the root
    root_transaction_seconds -- age of the transaction at the root
) AS
WITH RECURSIVE waiting AS MATERIALIZED (
    SELECT DISTINCT ON (l.pid) l.pid, l.locktype, l.mode, l.relation, l.database, l.waitstart
    FROM pg_catalog.pg_locks AS l
    WHERE NOT l.granted
    ORDER BY l.pid, l.waitstart
),
direct AS MATERIALIZED (
    -- Called for waiting sessions alone: each call stops the lock manager for a moment.
    SELECT w.pid, ARRAY(SELECT DISTINCT b.pid FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) AS b (pid)
        ORDER BY b.pid) AS blocking_pids
    FROM waiting AS w
),
edge AS MATERIALIZED (
    SELECT d.pid AS blocked, b.pid AS blocking FROM direct AS d CROSS JOIN pg_catalog.unnest(d.blocking_pids) AS b (pid)
),
chain (pid, root) AS (
    SELECT e.blocked, e.blocking FROM edge AS e WHERE NOT EXISTS (SELECT FROM edge AS up WHERE up.blocked = e.blocking)
    UNION
    SELECT e.blocked, c.root FROM chain AS c JOIN edge AS e ON e.blocking = c.pid
)
SELECT
    w.pid, d.blocking_pids, c.root,
    GREATEST(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - w.waitstart), 0)::double precision,
    w.locktype, w.mode, n.nspname || '.' || r.relname, blocked.datname, blocked.usename, blocked.application_name,
    blocked.query_id, root.usename, root.application_name,
    CASE WHEN c.root = 0 THEN 'prepared' ELSE root.state END, root.query_id,
    GREATEST(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - root.xact_start), 0)::double precision
FROM waiting AS w
JOIN direct AS d ON d.pid = w.pid
JOIN chain AS c ON c.pid = w.pid
LEFT JOIN pg_catalog.pg_stat_activity AS blocked ON blocked.pid = w.pid
LEFT JOIN pg_catalog.pg_stat_activity AS root ON root.pid = c.root
LEFT JOIN (pg_catalog.pg_class AS r JOIN pg_catalog.pg_namespace AS n ON n.oid = r.relnamespace)
    ON r.oid = w.relation
    AND w.database = (SELECT o.oid FROM pg_catalog.pg_database AS o WHERE o.datname = pg_catalog.current_database());
