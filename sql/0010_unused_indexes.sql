-- Indexes that nobody has read since the statistics were reset, though every write pays for them.
-- Read: Left out are indexes that enforce something (unique, primary key, exclusion), the replica identity, invalid
-- ones, and partitions of an index of which another partition is in use. Drop only where cannot_tell_reason is null.
-- Cannot tell: cannot_tell_reason says why a row is no proof: statistics younger than a week, standbys that may use
-- the index, or this server being a standby itself.
CREATE VIEW otelmon.unused_indexes (
    schema_name, -- of table and index
    table_name, -- table or partition
    index_name, -- the index
    estimated_size_bytes, -- pages as of the last vacuum, analyze or build
    table_writes, -- rows inserted, updated or deleted since the reset: what the index cost
    statistics_age_seconds, -- for how long use has been counted
    cannot_tell_reason -- why the index may be in use all the same; null: none known
) AS
SELECT
    n.nspname, t.relname, c.relname,
    c.relpages * pg_catalog.current_setting('block_size')::bigint,
    pg_catalog.pg_stat_get_tuples_inserted(t.oid) + pg_catalog.pg_stat_get_tuples_updated(t.oid)
    + pg_catalog.pg_stat_get_tuples_deleted(t.oid),
    EXTRACT(epoch FROM base.age)::double precision,
    CASE
        WHEN pg_catalog.pg_is_in_recovery() THEN 'this server is a standby: ask the primary too'
        WHEN base.age IS NULL OR base.age < INTERVAL '7 days' THEN 'statistics are younger than 7 days'
        WHEN base.has_standbys THEN 'standbys count their own use: ask each'
    END
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid AND c.relkind = 'i'
JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid AND t.relkind IN ('r', 'm')
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN (
    SELECT
        -- Without a reset the statistics are at least as old as the server process.
        pg_catalog.clock_timestamp() - COALESCE(d.stats_reset, pg_catalog.pg_postmaster_start_time()) AS age,
        EXISTS (SELECT FROM pg_catalog.pg_stat_get_wal_senders() AS w WHERE w.pid IS NOT NULL)
        OR EXISTS (SELECT FROM pg_catalog.pg_replication_slots AS r WHERE r.slot_type = 'physical') AS has_standbys
    FROM pg_catalog.pg_stat_database AS d
    WHERE d.datname = pg_catalog.current_database()
) AS base
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'otelmon') AND n.nspname !~ '^pg_toast'
    AND NOT i.indisunique AND NOT i.indisexclusion AND NOT i.indisreplident AND i.indisvalid AND i.indisready
    AND pg_catalog.pg_stat_get_numscans(i.indexrelid) = 0
    AND NOT (c.relispartition AND EXISTS (
        SELECT FROM pg_catalog.pg_inherits AS own
        JOIN pg_catalog.pg_inherits AS sibling ON sibling.inhparent = own.inhparent
        WHERE own.inhrelid = i.indexrelid AND pg_catalog.pg_stat_get_numscans(sibling.inhrelid) > 0
    ));
