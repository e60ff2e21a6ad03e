-- @owner
CREATE TABLE small (id integer); INSERT INTO small SELECT generate_series(1, 999); SELECT count(*) FROM small;
CREATE TABLE large (id integer); INSERT INTO large SELECT generate_series(1, 2000);
-- @owner
SELECT count(*) FROM large; SELECT count(*) FROM large;
-- @both: the large table is read from end to end, though it has no index at all
SELECT table_name, sequential_scans, sequential_tuples_read, tuples_per_scan, sequential_scan_ratio, live_tuples
FROM otelmon.sequential_scans;
