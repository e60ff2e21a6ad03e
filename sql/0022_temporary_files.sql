-- Temporary files that sorts, hashes and the like wrote because work_mem was too small for them.
-- Read: bytes_per_file says how much memory would have been needed at least. statements.temp_written_bytes names the
-- statements.
-- Cannot tell: Files that are in use now; they count when they are removed.
CREATE VIEW otelmon.temporary_files (
    database_name, -- the database
    files, -- written since the reset
    written_bytes, -- in all of them
    bytes_per_file, -- mean size; null without files
    work_mem_bytes, -- the limit from which an operation goes to disk
    reset_at -- since when it counts; null: never reset
) AS
SELECT
    d.datname, d.temp_files, d.temp_bytes, d.temp_bytes::double precision / NULLIF(d.temp_files, 0),
    pg_catalog.pg_size_bytes(pg_catalog.current_setting('work_mem')), d.stats_reset
FROM pg_catalog.pg_stat_database AS d
WHERE d.datname IS NOT NULL;
