-- @owner
CREATE TABLE item (id integer); INSERT INTO item SELECT generate_series(1, 1000);
-- @both: log is made, none archived
SELECT wal_bytes > 0 AS has_bytes, wal_records > 0 AS has_records, position_bytes > 0 AS has_position, archived_segments,
    failed_archivings, archive_mode FROM otelmon.wal;
