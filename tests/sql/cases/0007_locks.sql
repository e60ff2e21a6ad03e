-- @session holder
CREATE TABLE item (id integer);
-- @session holder
BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE;
-- @waiting waiter
SELECT * FROM item;
-- @both: held and waited for
SELECT database_name = current_database() AS here, relation_name, lock_type, lock_mode, granted, locks, sessions,
    longest_wait_seconds >= 0 AS waits
FROM otelmon.locks WHERE relation_name = 'public.item' ORDER BY lock_mode;
