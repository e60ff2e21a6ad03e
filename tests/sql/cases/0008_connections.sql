-- @session worker
BEGIN; SELECT 1;
-- @session pooled
SET application_name = 'pgbouncer';
-- @both: sessions of clients alone, and their states add up
SELECT total_connections = active_connections + idle_connections + idle_in_transaction_connections + other_connections
        AS adds_up,
    total_connections = (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS clients_only,
    active_connections >= 1 AS this_one_is_active, idle_in_transaction_connections, pooled_connections,
    max_connections, reserved_connections, available_connections = 57 - total_connections AS without_reserved,
    utilization_ratio = total_connections / 57.0::float8 AS of_what_can_be_had
FROM otelmon.connections;
