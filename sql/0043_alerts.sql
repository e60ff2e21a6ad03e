-- What exceeded a limit at a snapshot, since when, and when it was over.
-- Read: One row from the first snapshot over the limit to the first one below it; a rise from warning to critical is a
-- row of its own. slow_query: mean of one statement in the interval, warning from the threshold for slow queries,
-- critical from four times that. high_connection_count: utilization_ratio, 0.8 and 0.9. low_cache_hit_ratio: ratio of
-- the interval, below 0.9 and 0.8, judged only where 80 MB or more were touched.
-- Cannot tell: Anything between two snapshots. These rows notify nobody: alert rules on metrics do.
CREATE VIEW otelmon.alerts (
    alert_id, -- rising number
    alert_type, -- slow_query, high_connection_count, low_cache_hit_ratio
    severity, -- warning or critical
    query_id, -- of a slow query, as in statements; null for the others
    metric_value, -- what was measured at the first snapshot over the limit
    threshold_value, -- the limit, in the same unit: seconds or ratio
    details, -- more figures of that moment
    created_at, -- first snapshot over the limit
    resolved_at, -- first snapshot below it; null: still over
    is_open -- true: still over
) AS
SELECT
    a.alert_id, a.alert_type, a.severity, a.query_id, a.metric_value, a.threshold_value, a.details, a.created_at,
    a.resolved_at, a.resolved_at IS NULL
FROM otelmon.alert_history AS a;
