-- The write-ahead log: how much is made, and whether it is archived; one row.
-- Read: Many full_page_images come from frequent checkpoints; buffers_full above 0 asks for larger wal_buffers. A
-- growing last_archived_age_seconds with archive_mode on fills the disk.
-- Cannot tell: The size of the directory pg_wal. On a standby the position is that of replay.
CREATE VIEW otelmon.wal (
    wal_bytes, -- made since the reset
    wal_records, -- records made
    full_page_images, -- pages written whole
    buffers_full, -- times that the log had to be written because the buffers were full
    position_bytes, -- present position, as bytes since the beginning
    archived_segments, -- segments archived
    failed_archivings, -- attempts that failed
    last_archived_age_seconds, -- since the last one archived; null: none
    last_failed_age_seconds, -- since the last failure; null: none
    archive_mode, -- off, on or always
    reset_at -- since when wal_bytes counts
) AS
SELECT
    w.wal_bytes, w.wal_records, w.wal_fpi, w.wal_buffers_full,
    pg_catalog.pg_wal_lsn_diff(
        CASE WHEN pg_catalog.pg_is_in_recovery()
            THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_lsn() END,
        '0/0'::pg_catalog.pg_lsn
    ),
    a.archived_count, a.failed_count,
    GREATEST(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.last_archived_time), 0)::double precision,
    GREATEST(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.last_failed_time), 0)::double precision,
    pg_catalog.current_setting('archive_mode'), w.stats_reset
FROM pg_catalog.pg_stat_wal AS w CROSS JOIN pg_catalog.pg_stat_archiver AS a;
