-- @both: every database, far from the limit
SELECT database_name = current_database() AS here, transaction_id_age > 0 AS has_age, freeze_max_age,
    remaining_transactions = 2147483648 - transaction_id_age AS remains, used_ratio BETWEEN 0 AND 0.1 AS low
FROM otelmon.wraparound WHERE database_name IN (current_database(), 'template0') ORDER BY 1;
