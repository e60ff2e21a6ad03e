-- How many connections the server has, of how many it can give to applications; one row.
-- Read: utilization_ratio is measured against what applications can have: max_connections without the reserved ones.
-- The total is the sum of active, idle, idle in transaction and other; server processes are not counted.
-- Cannot tell: How full a pooler in front is: behind PgBouncer or Supavisor the clients wait there, unseen from here.
-- pooled_connections counts sessions that name a pooler; most poolers pass the name of their client on. All figures of
-- states are null for a role without pg_monitor.
CREATE VIEW otelmon.connections (
    total_connections, -- sessions of clients, this one included
    active_connections, -- running a statement
    idle_connections, -- waiting for the client, no transaction open
    idle_in_transaction_connections, -- waiting for the client, transaction open
    other_connections, -- fastpath calls and sessions with track_activities off
    lock_waiting_connections, -- of the active ones: waiting for a lock
    pooled_connections, -- whose application name is that of a pooler
    max_connections, -- limit of the server
    reserved_connections, -- kept for superusers and pg_use_reserved_connections
    available_connections, -- what applications can still open
    utilization_ratio -- total / (max - reserved)
) AS
SELECT
    CASE WHEN seen THEN f.total END, CASE WHEN seen THEN f.active END, CASE WHEN seen THEN f.idle END,
    CASE WHEN seen THEN f.idle_in_transaction END,
    CASE WHEN seen THEN f.total - f.active - f.idle - f.idle_in_transaction END,
    CASE WHEN seen THEN f.lock_waiting END, CASE WHEN seen THEN f.pooled END,
    l.most, l.reserved,
    CASE WHEN seen THEN GREATEST(l.most - l.reserved - f.total, 0) END,
    CASE WHEN seen THEN f.total::double precision / NULLIF(l.most - l.reserved, 0) END
FROM (
    SELECT
        pg_catalog.count(*) AS total,
        pg_catalog.count(*) FILTER (WHERE a.state = 'active') AS active,
        pg_catalog.count(*) FILTER (WHERE a.state = 'idle') AS idle,
        pg_catalog.count(*) FILTER (WHERE a.state LIKE 'idle in transaction%') AS idle_in_transaction,
        pg_catalog.count(*) FILTER (WHERE a.state = 'active' AND a.wait_event_type = 'Lock') AS lock_waiting,
        pg_catalog.count(*) FILTER (WHERE a.application_name ~* 'pgbouncer|supavisor|odyssey|pgcat') AS pooled
    FROM pg_catalog.pg_stat_activity AS a
    WHERE a.backend_type = 'client backend'
) AS f
CROSS JOIN (
    SELECT
        pg_catalog.current_setting('max_connections')::integer AS most,
        pg_catalog.current_setting('superuser_reserved_connections')::integer
        + COALESCE(pg_catalog.current_setting('reserved_connections', true)::integer, 0) AS reserved
) AS l
CROSS JOIN (SELECT pg_catalog.pg_has_role(CURRENT_USER, 'pg_read_all_stats', 'USAGE') AS seen) AS permission;
