-- @owner
CREATE TABLE dense (id integer, label text); INSERT INTO dense SELECT n, repeat('x', 50) FROM generate_series(1, 20000) AS n;
CREATE TABLE holes (id integer, label text); INSERT INTO holes SELECT n, repeat('x', 50) FROM generate_series(1, 20000) AS n;
CREATE TABLE fresh (id integer); INSERT INTO fresh VALUES (1);
DELETE FROM holes WHERE id % 4 > 0;
-- @owner
VACUUM ANALYZE holes;
-- @owner
VACUUM ANALYZE dense;
-- @owner: the owner sees an estimate
SELECT table_name, round(bloat_ratio::numeric, 1) AS bloat_ratio, bloat_bytes = size_bytes - expected_size_bytes OR
    bloat_bytes = 0 AS fits, cannot_tell_reason FROM otelmon.bloat ORDER BY table_name;
-- @reader: the reader is told that he cannot tell
SELECT table_name, bloat_ratio, bloat_bytes, cannot_tell_reason FROM otelmon.bloat ORDER BY table_name;
