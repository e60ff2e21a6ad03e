-- @session worker
BEGIN; SELECT 1;
-- @session spare
SELECT 1;
-- @both: sessions of this database by state
SELECT user_name, application_name, state, wait_event, sessions, longest_in_state_seconds >= 0 AS since,
    longest_transaction_seconds >= 0 AS in_transaction
FROM otelmon.sessions WHERE database_name = current_database() AND application_name IN ('worker', 'spare')
ORDER BY application_name;
