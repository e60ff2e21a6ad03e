-- Tables that keep what the server forgets: totals at each snapshot, and the alerts that came of them. Snapshots of a
-- month are some hundred rows, so that the primary keys are all the indexes that are ever used.
CREATE TABLE IF NOT EXISTS otelmon.snapshot_history (
    snapshot_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    taken_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    server_started_at timestamptz NOT NULL,
    statements_reset_at timestamptz,
    database_reset_at timestamptz,
    statements bigint NOT NULL,
    slow_statements bigint NOT NULL,
    max_exec_time_seconds double precision,
    hit_bytes bigint NOT NULL,
    read_bytes bigint NOT NULL,
    commits bigint NOT NULL,
    rollbacks bigint NOT NULL,
    deadlocks bigint NOT NULL,
    temp_written_bytes bigint NOT NULL,
    total_connections bigint,
    active_connections bigint,
    utilization_ratio double precision,
    database_size_bytes bigint
);

CREATE TABLE IF NOT EXISTS otelmon.statement_history (
    snapshot_id bigint NOT NULL REFERENCES otelmon.snapshot_history ON DELETE CASCADE,
    user_name name NOT NULL,
    query_id bigint NOT NULL,
    top_level boolean NOT NULL,
    calls bigint NOT NULL,
    total_exec_time_seconds double precision NOT NULL,
    rows bigint NOT NULL,
    shared_hit_bytes bigint NOT NULL,
    shared_read_bytes bigint NOT NULL,
    temp_written_bytes bigint NOT NULL,
    wal_bytes numeric NOT NULL,
    stats_since timestamptz,
    PRIMARY KEY (snapshot_id, user_name, query_id, top_level)
);

CREATE TABLE IF NOT EXISTS otelmon.alert_history (
    alert_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_type text NOT NULL CHECK (alert_type IN ('slow_query', 'high_connection_count', 'low_cache_hit_ratio')),
    severity text NOT NULL CHECK (severity IN ('warning', 'critical')),
    query_id bigint,
    metric_value double precision NOT NULL,
    threshold_value double precision NOT NULL,
    details jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    resolved_at timestamptz
);
