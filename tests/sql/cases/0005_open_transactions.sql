-- @both: none is open
SELECT pid FROM otelmon.open_transactions WHERE database_name = current_database();
-- @session worker
BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;
-- @session preparer
CREATE TABLE item (id integer); BEGIN; INSERT INTO item VALUES (1); PREPARE TRANSACTION 'p-0005';
-- @both: an idle and a prepared one
SELECT application_name, state, idle_in_transaction, transaction_age_seconds >= 0 AS has_age, pid IS NOT NULL AS has_pid,
    xmin_age_transactions >= 0 AS holds_vacuum_back
FROM otelmon.open_transactions WHERE database_name = current_database() ORDER BY state;
-- @session preparer
ROLLBACK PREPARED 'p-0005';
-- @both: the prepared one is gone
SELECT state FROM otelmon.open_transactions WHERE database_name = current_database();
