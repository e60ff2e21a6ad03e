-- @owner
CREATE TABLE item (id integer); CREATE TABLE careless (id integer) WITH (autovacuum_vacuum_threshold = 5,
    autovacuum_vacuum_scale_factor = 0, autovacuum_enabled = false);
INSERT INTO item SELECT generate_series(1, 100); INSERT INTO careless SELECT generate_series(1, 100);
-- @owner: the rows are counted
SELECT relname, n_tup_ins FROM pg_stat_user_tables ORDER BY relname;
-- @owner
VACUUM ANALYZE item;
-- @owner
DELETE FROM item WHERE id <= 10; DELETE FROM careless WHERE id <= 10;
-- @both: the threshold of each table, and what is due
SELECT table_name, dead_tuples, round(dead_ratio::numeric, 2) AS dead_ratio, vacuum_threshold_tuples, vacuum_due,
    last_vacuum_at IS NOT NULL AS was_vacuumed, last_analyze_at IS NOT NULL AS was_analyzed,
    modified_since_analyze_tuples AS modified, transaction_id_age >= 0 AS has_age, is_being_vacuumed
FROM otelmon.vacuum ORDER BY table_name;
