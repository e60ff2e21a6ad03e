-- Compares a snapshot with the limits: opens alerts that are new, resolves those that are over. Called by
-- take_snapshot.
CREATE FUNCTION otelmon.evaluate_alerts(evaluated bigint) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $function$
WITH slow AS (
    SELECT COALESCE(NULLIF(current_setting('otelmon.slow_query_threshold', true), '')::double precision, 500) / 1000
        AS threshold
),
measured (alert_type, query_id, value, warning, critical, details) AS (
    SELECT
        'slow_query', d.query_id, sum(d.total_exec_time_seconds) / sum(d.calls), slow.threshold, 4 * slow.threshold,
        jsonb_build_object('calls', sum(d.calls), 'total_exec_time_seconds', sum(d.total_exec_time_seconds))
    FROM otelmon.statement_deltas AS d CROSS JOIN slow
    WHERE d.snapshot_id = evaluated
    GROUP BY d.query_id, slow.threshold
    UNION ALL
    SELECT
        'high_connection_count', NULL, s.utilization_ratio, 0.8, 0.9,
        jsonb_build_object('total_connections', s.total_connections, 'active_connections', s.active_connections)
    FROM otelmon.snapshot_history AS s
    WHERE s.snapshot_id = evaluated
    UNION ALL
    -- Below a limit is bad here, so all is taken with a minus sign until it is written down.
    SELECT 'low_cache_hit_ratio', NULL, -s.cache_hit_ratio, -0.9, -0.8, '{}'
    FROM otelmon.snapshots AS s
    JOIN otelmon.snapshot_history AS h ON h.snapshot_id = s.snapshot_id
    JOIN LATERAL (
        SELECT p.hit_bytes + p.read_bytes AS bytes FROM otelmon.snapshot_history AS p
        WHERE p.snapshot_id < evaluated ORDER BY p.snapshot_id DESC LIMIT 1
    ) AS before ON h.hit_bytes + h.read_bytes - before.bytes >= 80 * 1024 * 1024
    WHERE s.snapshot_id = evaluated
),
breach AS (
    SELECT
        m.alert_type, m.query_id, abs(m.value) AS value, m.details,
        CASE WHEN m.value >= m.critical THEN 'critical' ELSE 'warning' END AS severity,
        abs(CASE WHEN m.value >= m.critical THEN m.critical ELSE m.warning END) AS threshold
    FROM measured AS m
    WHERE m.value >= m.warning
),
resolved AS (
    UPDATE otelmon.alert_history AS a SET resolved_at = clock_timestamp()
    WHERE a.resolved_at IS NULL AND NOT EXISTS (
        SELECT FROM breach AS b
        WHERE b.alert_type = a.alert_type AND b.severity = a.severity AND b.query_id IS NOT DISTINCT FROM a.query_id
    )
)
INSERT INTO otelmon.alert_history (alert_type, severity, query_id, metric_value, threshold_value, details)
SELECT b.alert_type, b.severity, b.query_id, b.value, b.threshold, b.details
FROM breach AS b
WHERE NOT EXISTS (
    SELECT FROM otelmon.alert_history AS a
    WHERE a.resolved_at IS NULL AND b.alert_type = a.alert_type AND b.severity = a.severity
        AND b.query_id IS NOT DISTINCT FROM a.query_id
)
$function$;
