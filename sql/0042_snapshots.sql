-- One row a snapshot: what this database did since the snapshot before, and its state at that moment.
-- Read: Means and ratios are of the interval and weighted: total time by calls, hits by blocks. Every total is the
-- difference of two readings, counted from zero after a reset.
-- Cannot tell: The interval before the first snapshot (its totals are null), and what ran between a snapshot and a
-- reset. Connections are those of the moment, not of the interval, and null where the recorder lacks pg_monitor.
CREATE VIEW otelmon.snapshots (
    snapshot_id, -- rising number
    taken_at, -- when
    interval_seconds, -- since the snapshot before; null: the first one, or the clock was set back
    calls, -- top-level statements run in the interval
    total_exec_time_seconds, -- time spent executing them
    mean_exec_time_seconds, -- total time / calls, of the interval
    statements, -- different statements known at that moment
    slow_statements, -- of these, with a call over the threshold since the reset
    max_exec_time_seconds, -- slowest call since the reset
    cache_hit_ratio, -- hit / (hit + read), of the interval; null where nothing was touched
    commits, -- transactions committed in the interval
    rollbacks, -- transactions rolled back in the interval
    deadlocks, -- deadlocks in the interval
    temp_written_bytes, -- written to temporary files in the interval
    total_connections, -- sessions of clients at that moment
    active_connections, -- running a statement at that moment
    utilization_ratio, -- total / (max - reserved) at that moment
    database_size_bytes -- at that moment
) AS
WITH ordered AS (
    SELECT
        h.*, pg_catalog.lag(h.snapshot_id) OVER by_number AS previous_id,
        EXTRACT(epoch FROM h.taken_at - pg_catalog.lag(h.taken_at) OVER by_number)::double precision AS seconds,
        h.database_reset_at IS DISTINCT FROM pg_catalog.lag(h.database_reset_at) OVER by_number AS was_reset,
        pg_catalog.lag(h.hit_bytes) OVER by_number AS p_hit, pg_catalog.lag(h.read_bytes) OVER by_number AS p_read,
        pg_catalog.lag(h.commits) OVER by_number AS p_commits,
        pg_catalog.lag(h.rollbacks) OVER by_number AS p_rollbacks,
        pg_catalog.lag(h.deadlocks) OVER by_number AS p_deadlocks,
        pg_catalog.lag(h.temp_written_bytes) OVER by_number AS p_temporary
    FROM otelmon.snapshot_history AS h
    WINDOW by_number AS (ORDER BY h.snapshot_id)
),
counted AS (
    SELECT o.*, o.was_reset OR o.hit_bytes < o.p_hit OR o.read_bytes < o.p_read OR o.commits < o.p_commits
        OR o.rollbacks < o.p_rollbacks OR o.deadlocks < o.p_deadlocks OR o.temp_written_bytes < o.p_temporary AS new
    FROM ordered AS o
),
delta AS (
    SELECT
        c.snapshot_id,
        c.hit_bytes - CASE WHEN c.new THEN 0 ELSE c.p_hit END AS hit,
        c.read_bytes - CASE WHEN c.new THEN 0 ELSE c.p_read END AS read,
        c.commits - CASE WHEN c.new THEN 0 ELSE c.p_commits END AS commits,
        c.rollbacks - CASE WHEN c.new THEN 0 ELSE c.p_rollbacks END AS rollbacks,
        c.deadlocks - CASE WHEN c.new THEN 0 ELSE c.p_deadlocks END AS deadlocks,
        c.temp_written_bytes - CASE WHEN c.new THEN 0 ELSE c.p_temporary END AS temporary
    FROM counted AS c
    WHERE c.previous_id IS NOT NULL
),
ran AS (
    SELECT s.snapshot_id, pg_catalog.sum(s.calls)::bigint AS calls, pg_catalog.sum(s.total_exec_time_seconds) AS seconds
    FROM otelmon.statement_deltas AS s
    WHERE s.top_level
    GROUP BY s.snapshot_id
)
SELECT
    c.snapshot_id, c.taken_at, CASE WHEN c.seconds > 0 THEN c.seconds END,
    CASE WHEN c.previous_id IS NOT NULL THEN COALESCE(r.calls, 0) END,
    CASE WHEN c.previous_id IS NOT NULL THEN COALESCE(r.seconds, 0) END,
    r.seconds / NULLIF(r.calls, 0), c.statements, c.slow_statements, c.max_exec_time_seconds,
    d.hit::double precision / NULLIF(d.hit + d.read, 0), d.commits, d.rollbacks, d.deadlocks, d.temporary,
    c.total_connections, c.active_connections, c.utilization_ratio, c.database_size_bytes
FROM counted AS c
LEFT JOIN delta AS d ON d.snapshot_id = c.snapshot_id
LEFT JOIN ran AS r ON r.snapshot_id = c.snapshot_id;
