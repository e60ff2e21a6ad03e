-- @both: none
SELECT slot_name FROM otelmon.replication_slots;
-- @owner
SELECT pg_create_physical_replication_slot('slot_0027', true);
-- @owner
CREATE TABLE item (id integer); INSERT INTO item SELECT generate_series(1, 10000);
-- @both: log is kept for a receiver that is away
SELECT slot_name, slot_type, active, retained_bytes > 100000 AS keeps_log, wal_status, invalidation_reason
FROM otelmon.replication_slots;
-- @owner
SELECT pg_drop_replication_slot('slot_0027');
