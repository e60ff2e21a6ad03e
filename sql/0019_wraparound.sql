-- How far each database is from running out of transaction ids.
-- Read: The server refuses writes when used_ratio nears 1. Above freeze_max_age an aggressive autovacuum should be at
-- work; if the age goes on growing, something holds it back (see open_transactions, replication_slots, vacuum).
-- Cannot tell: Which table holds the age; sort vacuum by transaction_id_age in that database.
CREATE VIEW otelmon.wraparound (
    database_name, -- the database, templates included
    transaction_id_age, -- transactions since the oldest unfrozen row
    multixact_id_age, -- the same for multixacts
    freeze_max_age, -- from when on autovacuum freezes, whatever else is set
    multixact_freeze_max_age, -- the same for multixacts
    remaining_transactions, -- until the hard limit of 2^31
    used_ratio -- the larger of both ages / 2^31
) AS
SELECT
    d.datname, pg_catalog.age(d.datfrozenxid), pg_catalog.mxid_age(d.datminmxid),
    pg_catalog.current_setting('autovacuum_freeze_max_age')::bigint,
    pg_catalog.current_setting('autovacuum_multixact_freeze_max_age')::bigint,
    2147483648 - pg_catalog.age(d.datfrozenxid),
    GREATEST(pg_catalog.age(d.datfrozenxid), pg_catalog.mxid_age(d.datminmxid)) / 2147483648::double precision
FROM pg_catalog.pg_database AS d;
