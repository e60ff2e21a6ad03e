-- @owner
CREATE TABLE item (id integer); INSERT INTO item SELECT generate_series(1, 1000);
-- @owner
SELECT count(*) FROM item;
-- @both: the ratio is that of the totals
SELECT hit_bytes > 0 AS has_hits, hit_ratio = hit_bytes::float8 / (hit_bytes + read_bytes) AS is_weighted
FROM otelmon.cache_hit WHERE database_name = current_database();
-- @both: shared relations have a row without a name
SELECT count(*) FROM otelmon.cache_hit WHERE database_name IS NULL;
