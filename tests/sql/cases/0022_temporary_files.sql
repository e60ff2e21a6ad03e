-- @owner
SET work_mem = '64kB'; SELECT count(*) FROM (SELECT n FROM generate_series(1, 50000) AS n ORDER BY n DESC OFFSET 0) AS s;
-- @both: files of sorts that did not fit
SELECT files > 0 AS has_files, written_bytes > 100000 AS has_bytes, bytes_per_file = written_bytes::float8 / files AS mean
FROM otelmon.temporary_files WHERE database_name = current_database();
-- @both: the limit in bytes
SELECT work_mem_bytes FROM otelmon.temporary_files WHERE database_name = 'template0' AND current_setting('work_mem') = '4MB'
UNION SELECT 4194304;
