-- @owner
SET otelmon.slow_query_threshold = 100; SELECT otelmon.reset_statements(); SELECT otelmon.take_snapshot();
-- @owner
SELECT pg_sleep(0.12);
-- @owner
SELECT otelmon.take_snapshot();
-- @both: a slow statement opens an alert
SELECT alert_type, severity, query_id IS NOT NULL AS names_it, metric_value > 0.1 AS is_over, threshold_value,
    details ->> 'calls' AS calls, is_open FROM otelmon.alerts
WHERE query_id IN (SELECT s.query_id FROM otelmon.statements AS s WHERE s.query ~ 'pg_sleep');
-- @owner
SELECT pg_sleep(0.13);
-- @owner
SELECT otelmon.take_snapshot();
-- @both: it stays one while it lasts
SELECT count(*), bool_and(is_open) AS is_open FROM otelmon.alerts
WHERE query_id IN (SELECT s.query_id FROM otelmon.statements AS s WHERE s.query ~ 'pg_sleep');
-- @owner
SELECT otelmon.take_snapshot();
-- @both: and is over when it is over
SELECT count(*), bool_or(is_open) AS is_open, bool_and(resolved_at >= created_at) AS in_order FROM otelmon.alerts
WHERE query_id IN (SELECT s.query_id FROM otelmon.statements AS s WHERE s.query ~ 'pg_sleep');
