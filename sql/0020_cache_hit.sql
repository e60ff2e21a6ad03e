-- How much of what each database read was found in shared buffers.
-- Read: The ratio is weighted over all blocks since reset_at. For the present, take the difference of two readings.
-- Cannot tell: Reads that the operating system answered from its own cache; they count as read.
CREATE VIEW otelmon.cache_hit (
    database_name, -- null: relations shared by all databases
    hit_bytes, -- found in shared buffers
    read_bytes, -- read from outside
    hit_ratio, -- hit / (hit + read); null where nothing was touched
    read_time_seconds, -- time of the reads; 0 unless track_io_timing is on
    reset_at -- since when it counts; null: never reset
) AS
SELECT
    d.datname,
    d.blks_hit * pg_catalog.current_setting('block_size')::bigint,
    d.blks_read * pg_catalog.current_setting('block_size')::bigint,
    d.blks_hit::double precision / NULLIF(d.blks_hit + d.blks_read, 0),
    d.blk_read_time / 1000,
    d.stats_reset
FROM pg_catalog.pg_stat_database AS d;
