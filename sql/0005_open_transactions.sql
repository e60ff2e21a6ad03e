-- Transactions that are open now, oldest first, prepared ones included.
-- Read: A transaction that is idle holds its locks and keeps vacuum from cleaning: look at idle_in_transaction first,
-- then at xmin_age_transactions. A prepared transaction has no process: it ends by COMMIT PREPARED or ROLLBACK PREPARED.
-- Cannot tell: What the transaction did before its present statement.
CREATE VIEW otelmon.open_transactions (
    pid, -- process; null for a prepared transaction
    database_name, -- where it runs
    user_name, -- who runs it
    application_name, -- as the client calls itself; the identifier of a prepared transaction is not shown
    state, -- of the session, or prepared
    idle_in_transaction, -- true: open, and nothing runs
    transaction_age_seconds, -- since its start
    in_state_seconds, -- since the state last changed
    wait_event_type, -- null: not waiting
    wait_event, -- what it waits for
    query_id, -- of the present or last statement, as in statements; null where compute_query_id is off
    xmin_age_transactions -- how many transactions it holds vacuum back
) AS
SELECT
    a.pid, a.datname, a.usename, a.application_name, a.state, a.state LIKE 'idle in transaction%',
    GREATEST(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.xact_start), 0)::double precision,
    GREATEST(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.state_change), 0)::double precision,
    a.wait_event_type, a.wait_event, a.query_id, pg_catalog.age(a.backend_xmin)
FROM pg_catalog.pg_stat_activity AS a
WHERE a.xact_start IS NOT NULL AND a.backend_type = 'client backend' AND a.pid <> pg_catalog.pg_backend_pid()
UNION ALL
SELECT
    NULL, p.database, p.owner, NULL, 'prepared', true,
    GREATEST(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - p.prepared), 0)::double precision,
    NULL, NULL, NULL, NULL, pg_catalog.age(p.transaction)
FROM pg_catalog.pg_prepared_xacts AS p
ORDER BY 7 DESC;
