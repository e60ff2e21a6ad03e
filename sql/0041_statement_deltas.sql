-- What each statement did between a snapshot and the one before it.
-- Read: Sort one snapshot_id by total_exec_time_seconds. After a reset of the statistics, or when a statement had been
-- evicted, counting starts at zero: was_reset is true and the figures are those since then, never negative.
-- Cannot tell: What ran between the last snapshot and a reset. A reset of one single statement that ran more often
-- since than before goes unseen before pg_stat_statements 1.11. The first snapshot has nothing to compare with.
CREATE VIEW otelmon.statement_deltas (
    snapshot_id, -- end of the interval, as in snapshots
    taken_at, -- time of that snapshot
    interval_seconds, -- since the snapshot before; null where the clock was set back
    user_name, -- who ran it
    query_id, -- as in statements, where its text is
    top_level, -- false: it ran inside a function
    was_reset, -- true: counted from zero within the interval
    calls, -- calls in the interval
    total_exec_time_seconds, -- time spent executing in the interval
    mean_exec_time_seconds, -- total time / calls, of the interval
    rows, -- rows returned or changed in the interval
    shared_hit_bytes, -- found in shared buffers in the interval
    shared_read_bytes, -- read from outside in the interval
    temp_written_bytes, -- written to temporary files in the interval
    wal_bytes -- write-ahead log made in the interval
) AS
WITH ordered AS (
    -- By number and not by time: a clock can be set back.
    SELECT
        h.snapshot_id, h.taken_at, h.statements_reset_at,
        pg_catalog.lag(h.snapshot_id) OVER by_number AS previous_id,
        pg_catalog.lag(h.statements_reset_at) OVER by_number AS previous_reset_at,
        EXTRACT(epoch FROM h.taken_at - pg_catalog.lag(h.taken_at) OVER by_number)::double precision AS seconds
    FROM otelmon.snapshot_history AS h
    WINDOW by_number AS (ORDER BY h.snapshot_id)
)
SELECT
    o.snapshot_id, o.taken_at, CASE WHEN o.seconds > 0 THEN o.seconds END,
    s.user_name, s.query_id, s.top_level, base.was_reset, s.calls - base.calls,
    s.total_exec_time_seconds - base.seconds,
    (s.total_exec_time_seconds - base.seconds) / NULLIF(s.calls - base.calls, 0),
    s.rows - base.rows, s.shared_hit_bytes - base.hit, s.shared_read_bytes - base.read,
    s.temp_written_bytes - base.temporary, s.wal_bytes - base.wal
FROM ordered AS o
JOIN otelmon.statement_history AS s ON s.snapshot_id = o.snapshot_id
LEFT JOIN otelmon.statement_history AS p ON p.snapshot_id = o.previous_id AND p.user_name = s.user_name
    AND p.query_id = s.query_id AND p.top_level = s.top_level
CROSS JOIN LATERAL (
    SELECT p.snapshot_id IS NULL OR o.statements_reset_at IS DISTINCT FROM o.previous_reset_at
        OR p.stats_since IS DISTINCT FROM s.stats_since
        OR s.calls < p.calls OR s.total_exec_time_seconds < p.total_exec_time_seconds OR s.rows < p.rows
        OR s.shared_hit_bytes < p.shared_hit_bytes OR s.shared_read_bytes < p.shared_read_bytes
        OR s.temp_written_bytes < p.temp_written_bytes OR s.wal_bytes < p.wal_bytes AS new
) AS counted
CROSS JOIN LATERAL (
    SELECT
        counted.new AND p.snapshot_id IS NOT NULL AS was_reset,
        CASE WHEN counted.new THEN 0 ELSE p.calls END AS calls,
        CASE WHEN counted.new THEN 0 ELSE p.total_exec_time_seconds END AS seconds,
        CASE WHEN counted.new THEN 0 ELSE p.rows END AS rows,
        CASE WHEN counted.new THEN 0 ELSE p.shared_hit_bytes END AS hit,
        CASE WHEN counted.new THEN 0 ELSE p.shared_read_bytes END AS read,
        CASE WHEN counted.new THEN 0 ELSE p.temp_written_bytes END AS temporary,
        CASE WHEN counted.new THEN 0 ELSE p.wal_bytes END AS wal
) AS base
WHERE o.previous_id IS NOT NULL AND s.calls > base.calls;
