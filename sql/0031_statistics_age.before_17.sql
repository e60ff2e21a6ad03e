-- How old the statistics are that the other views add up.
-- Read: Totals are since reset_at. Where it is null the family was never reset, and age_seconds is null too.
-- Cannot tell: Resets of single tables, and what a crash of the server threw away before reset_at was kept.
CREATE VIEW otelmon.statistics_age (
    family, -- database, statements, wal, archiver, bgwriter, checkpointer, server
    reset_at, -- since when it counts; for server: its start
    age_seconds -- since then
) AS
SELECT
    f.family, f.reset_at,
    GREATEST(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - f.reset_at), 0)::double precision
FROM (
    SELECT 'database' AS family, d.stats_reset AS reset_at
    FROM pg_catalog.pg_stat_database AS d
    WHERE d.datname = pg_catalog.current_database()
    UNION ALL SELECT 'statements', i.reset_at FROM otelmon.read_statements_info() AS i
    UNION ALL SELECT 'wal', w.stats_reset FROM pg_catalog.pg_stat_wal AS w
    UNION ALL SELECT 'archiver', a.stats_reset FROM pg_catalog.pg_stat_archiver AS a
    UNION ALL SELECT 'bgwriter', b.stats_reset FROM pg_catalog.pg_stat_bgwriter AS b
    UNION ALL SELECT 'checkpointer', b.stats_reset FROM pg_catalog.pg_stat_bgwriter AS b
    UNION ALL SELECT 'server', pg_catalog.pg_postmaster_start_time()
) AS f;
