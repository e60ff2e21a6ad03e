-- Sessions of clients by database, user, application, state and what they wait for.
-- Read: Sum sessions over the rows for the number of connections; the session that asks is left out. The state denied
-- means that the role may not see the session (it lacks pg_monitor), not that the session does nothing.
-- Cannot tell: What a session runs (only query ids are shown, in open_transactions), and which clients stand behind a
-- connection pooler.
CREATE VIEW otelmon.sessions (
    database_name, -- null for a session without one
    user_name, -- who is logged in
    application_name, -- as the client calls itself
    state, -- active, idle, idle in transaction, ...; denied where it may not be seen
    wait_event_type, -- null: not waiting
    wait_event, -- what it waits for
    sessions, -- how many
    longest_in_state_seconds, -- the one that has been in this state longest
    mean_in_state_seconds, -- mean time in this state
    longest_transaction_seconds -- the oldest open transaction; null where none is open
) AS
SELECT
    a.datname,
    a.usename,
    a.application_name,
    COALESCE(a.state, 'denied'),
    a.wait_event_type,
    a.wait_event,
    pg_catalog.count(*),
    GREATEST(EXTRACT(epoch FROM pg_catalog.max(pg_catalog.clock_timestamp() - a.state_change)), 0)::double precision,
    GREATEST(EXTRACT(epoch FROM pg_catalog.avg(pg_catalog.clock_timestamp() - a.state_change)), 0)::double precision,
    EXTRACT(epoch FROM pg_catalog.max(pg_catalog.clock_timestamp() - a.xact_start))::double precision
FROM pg_catalog.pg_stat_activity AS a
WHERE COALESCE(a.backend_type, 'client backend') = 'client backend' AND a.pid <> pg_catalog.pg_backend_pid()
    AND (a.backend_type IS NOT NULL OR a.datid IS NOT NULL)
GROUP BY a.datname, a.usename, a.application_name, a.state, a.wait_event_type, a.wait_event;
