-- @both: nobody waits
SELECT blocked_pid FROM otelmon.blocking;
-- @session root
CREATE TABLE item (id integer PRIMARY KEY); INSERT INTO item VALUES (1), (2);
-- @session root
BEGIN; UPDATE item SET id = id WHERE id = 1;
-- @session middle
BEGIN; UPDATE item SET id = id WHERE id = 2;
-- @waiting middle
UPDATE item SET id = id WHERE id = 1;
-- @both: one waits
SELECT blocked_application_name, root_application_name, root_state, lock_type, wait_seconds >= 0 AS has_waited
FROM otelmon.blocking;
-- @waiting last
UPDATE item SET id = id WHERE id = 2;
-- @both: a chain of two waits for one root
SELECT blocked_application_name, root_application_name, root_state, cardinality(blocking_pids) AS directly,
    root_pid = ANY (blocking_pids) AS root_is_direct, root_transaction_seconds >= wait_seconds AS root_is_older
FROM otelmon.blocking ORDER BY 1 DESC;
-- @waiting reader_of_table
BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE;
-- @both: a lock on a table names it
SELECT blocked_application_name, lock_type, lock_mode, relation_name FROM otelmon.blocking
WHERE lock_type = 'relation' AND root_application_name = 'root';
