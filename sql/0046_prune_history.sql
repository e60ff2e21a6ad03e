-- Deletes snapshots older than an age, with their statements, and alerts that were over by then; returns how many
-- snapshots went. The newest one stays, as the base of the next.
CREATE FUNCTION otelmon.prune_history(keep interval DEFAULT INTERVAL '30 days') RETURNS bigint
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $function$
DELETE FROM otelmon.alert_history AS a WHERE a.resolved_at < clock_timestamp() - keep;
WITH gone AS (
    DELETE FROM otelmon.snapshot_history AS h
    WHERE h.taken_at < clock_timestamp() - keep
        AND h.snapshot_id < (SELECT max(newest.snapshot_id) FROM otelmon.snapshot_history AS newest)
    RETURNING 1
)
SELECT count(*) FROM gone;
$function$;
