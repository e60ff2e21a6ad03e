-- Writes the present totals of this database into the history and returns the number of the snapshot.
CREATE FUNCTION otelmon.take_snapshot() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    taken bigint;
BEGIN
    -- Two snapshots at once would each miss the other as their base.
    LOCK TABLE otelmon.snapshot_history IN SHARE ROW EXCLUSIVE MODE;
    WITH seen AS MATERIALIZED (
        SELECT s.*, current_setting('block_size')::bigint AS block_size
        FROM otelmon.read_statements() AS s
        JOIN pg_catalog.pg_database AS d ON d.oid = s.database_id AND d.datname = current_database()
    ),
    summary AS (
        SELECT
            count(*) AS statements, max(s.max_exec_time) / 1000 AS slowest,
            count(*) FILTER (WHERE s.max_exec_time >= COALESCE(
                NULLIF(current_setting('otelmon.slow_query_threshold', true), '')::double precision, 500
            )) AS slow
        FROM seen AS s
    ),
    written AS (
        INSERT INTO otelmon.snapshot_history (
            server_started_at, statements_reset_at, database_reset_at, statements, slow_statements,
            max_exec_time_seconds, hit_bytes, read_bytes, commits, rollbacks, deadlocks, temp_written_bytes,
            total_connections, active_connections, utilization_ratio, database_size_bytes
        )
        SELECT
            pg_postmaster_start_time(), (SELECT i.reset_at FROM otelmon.read_statements_info() AS i), d.stats_reset,
            m.statements, m.slow, m.slowest, h.hit_bytes, h.read_bytes, d.xact_commit, d.xact_rollback, d.deadlocks,
            d.temp_bytes, c.total_connections, c.active_connections, c.utilization_ratio,
            pg_database_size(current_database())
        FROM summary AS m
        CROSS JOIN otelmon.connections AS c
        CROSS JOIN pg_catalog.pg_stat_database AS d
        JOIN otelmon.cache_hit AS h ON h.database_name = d.datname
        WHERE d.datname = current_database()
        RETURNING snapshot_id
    )
    INSERT INTO otelmon.statement_history (
        snapshot_id, user_name, query_id, top_level, calls, total_exec_time_seconds, rows, shared_hit_bytes,
        shared_read_bytes, temp_written_bytes, wal_bytes, stats_since
    )
    SELECT
        w.snapshot_id, pg_get_userbyid(s.user_id), s.query_id, s.top_level, s.calls, s.total_exec_time / 1000, s.rows,
        s.shared_blks_hit * s.block_size, s.shared_blks_read * s.block_size, s.temp_blks_written * s.block_size,
        s.wal_bytes, s.stats_since
    FROM seen AS s CROSS JOIN written AS w;
    SELECT max(h.snapshot_id) INTO taken FROM otelmon.snapshot_history AS h;
    PERFORM otelmon.evaluate_alerts(taken);
    RETURN taken;
END
$function$;
