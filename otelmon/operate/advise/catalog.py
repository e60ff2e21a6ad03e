"""What is asked of the catalogs, so that advice needs no schema of its own in the database.

Sizes come from ``relpages``, because asking for the present size waits behind locks.
"""

from __future__ import annotations

_FOREIGN = """n.nspname NOT IN ('pg_catalog', 'information_schema', 'otelmon') AND n.nspname !~ '^pg_(toast|temp)'
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = t.oid AND d.deptype = 'e'
    )
    -- Describing an index waits for locks on its table, and one such table must not take away all others.
    AND NOT EXISTS (
        SELECT FROM pg_locks AS l
        WHERE l.locktype = 'relation' AND l.relation = t.oid AND l.mode = 'AccessExclusiveLock'
            AND l.database = (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database())
            AND l.pid IS DISTINCT FROM pg_backend_pid()
    )"""
LOCKED = """
SELECT DISTINCT format('%I.%I', n.nspname, t.relname) AS name
FROM pg_locks AS l
JOIN pg_class AS t ON t.oid = l.relation
JOIN pg_namespace AS n ON n.oid = t.relnamespace
WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND t.relkind IN ('r', 'm', 'p')
    AND l.database = (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database())
    AND l.pid IS DISTINCT FROM pg_backend_pid()
ORDER BY name
"""

NODE = """
SELECT
    current_database() AS database, (SELECT system_identifier FROM pg_control_system())::text AS system,
    pg_postmaster_start_time()::text AS started_at, pg_is_in_recovery() AS in_recovery,
    current_setting('track_counts')::boolean AS counts,
    pg_has_role(CURRENT_USER, 'pg_read_all_stats', 'USAGE') AS sees_others,
    -- Without a reset the statistics are at least as old as the server process.
    GREATEST(EXTRACT(epoch FROM clock_timestamp() - COALESCE(s.stats_reset, pg_postmaster_start_time())), 0)::float8
        AS statistics_age_seconds,
    s.stats_reset IS NOT NULL AS was_reset,
    (
        -- pg_basebackup and pg_receivewal are no standbys, and neither are subscribers, whose slot is logical.
        SELECT count(*) FROM pg_stat_replication AS r
        WHERE COALESCE(r.state, '') <> 'backup' AND COALESCE(r.application_name, '') <> 'pg_receivewal'
            AND NOT EXISTS (
                SELECT FROM pg_replication_slots AS l WHERE l.slot_type = 'logical' AND l.active_pid = r.pid
            )
    ) + (
        SELECT count(*) FROM pg_replication_slots AS l WHERE l.slot_type = 'physical' AND l.active_pid IS NULL
    ) AS standbys
FROM pg_stat_database AS s WHERE s.datname = current_database()
"""

INDEXES = f"""
SELECT
    c.oid::bigint AS oid, t.oid::bigint AS table_oid, n.nspname AS schema, t.relname AS "table", c.relname AS name,
    m.amname AS method,
    (
        SELECT json_agg(json_build_array(
            pg_get_indexdef(i.indexrelid, k.place, false), o.opcfamily::bigint, o.opcintype::bigint,
            i.indcollation[k.place - 1]::bigint, i.indoption[k.place - 1], a.attoptions::text
        ) ORDER BY k.place)
        FROM generate_series(1, i.indnkeyatts) AS k (place)
        JOIN pg_opclass AS o ON o.oid = i.indclass[k.place - 1]
        JOIN pg_attribute AS a ON a.attrelid = i.indexrelid AND a.attnum = k.place
    ) AS key,
    ARRAY(
        SELECT pg_get_indexdef(i.indexrelid, k.place, false)
        FROM generate_series(i.indnkeyatts + 1, i.indnatts) AS k (place)
    ) AS included,
    pg_get_expr(i.indpred, i.indrelid) AS predicate, pg_get_indexdef(i.indexrelid) AS definition,
    i.indisunique AS is_unique, i.indimmediate AS is_immediate,
    COALESCE((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_not_distinct,
    i.indisexclusion AS is_exclusion, i.indisreplident AS is_replica_identity, i.indisclustered AS is_clustered,
    i.indexprs IS NOT NULL AS has_expressions,
    i.indisvalid AS is_valid, i.indisready AS is_ready, i.indislive AS is_live,
    EXISTS (
        SELECT FROM pg_stat_progress_create_index AS p WHERE p.index_relid = i.indexrelid
    ) AS is_being_built,
    c.relkind = 'I' AS is_partitioned,
    CASE WHEN c.relispartition THEN (
        SELECT h.inhparent::bigint FROM pg_inherits AS h WHERE h.inhrelid = c.oid
    ) END AS parent_oid,
    k.conname AS constraint_name, k.contype AS constraint_type,
    ARRAY(
        SELECT f.conname FROM pg_constraint AS f
        WHERE f.conindid = c.oid AND f.contype = 'f' ORDER BY f.conname
    ) AS referenced_by,
    -- Pages of an index that was built before its rows came are not counted before the next vacuum or analyze.
    CASE WHEN t.reltuples >= 0 AND c.relpages > 0 THEN c.relpages * current_setting('block_size')::bigint END
        AS size_bytes,
    age(i.xmin)::bigint AS age_transactions,
    CASE WHEN current_setting('track_commit_timestamp')::boolean
        THEN EXTRACT(epoch FROM clock_timestamp() - pg_xact_commit_timestamp(i.xmin))::float8 END AS age_seconds,
    (SELECT quote_ident(s.spcname) FROM pg_tablespace AS s WHERE s.oid = c.reltablespace) AS tablespace,
    ARRAY(
        SELECT format('ALTER INDEX %I.%I ALTER COLUMN %s SET STATISTICS %s;', n.nspname, c.relname, a.attnum,
            a.attstattarget)
        FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attstattarget >= 0 AND i.indexprs IS NOT NULL
    ) || ARRAY(
        SELECT format('COMMENT ON INDEX %I.%I IS %L;', n.nspname, c.relname, d.text)
        FROM (SELECT obj_description(c.oid, 'pg_class')) AS d (text) WHERE d.text IS NOT NULL
    ) || ARRAY(
        SELECT format('ALTER TABLE %I.%I CLUSTER ON %I;', n.nspname, t.relname, c.relname) WHERE i.indisclustered
    ) AS afterwards,
    format('%I.%I', n.nspname, c.relname) AS qualified, format('%I.%I', n.nspname, t.relname) AS qualified_table
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indexrelid
JOIN pg_class AS t ON t.oid = i.indrelid
JOIN pg_namespace AS n ON n.oid = t.relnamespace
JOIN pg_am AS m ON m.oid = c.relam
LEFT JOIN pg_constraint AS k ON k.conindid = c.oid AND k.contype IN ('p', 'u', 'x')
WHERE {_FOREIGN}
ORDER BY n.nspname, t.relname, c.relname
"""  # noqa: S608 - a constant of this file

TABLES = f"""
SELECT
    t.oid::bigint AS oid, n.nspname AS schema, t.relname AS name, format('%I.%I', n.nspname, t.relname) AS qualified,
    t.relkind = 'p' AS is_partitioned,
    CASE WHEN t.relispartition THEN (
        SELECT h.inhparent::bigint FROM pg_inherits AS h WHERE h.inhrelid = t.oid
    ) END AS parent_oid,
    CASE WHEN t.reltuples >= 0 OR pg_stat_get_live_tuples(t.oid) > 0
        THEN GREATEST(t.reltuples, pg_stat_get_live_tuples(t.oid))::bigint END AS rows,
    t.reltuples >= 0 AS was_analyzed, t.relpages * current_setting('block_size')::bigint AS size_bytes
FROM pg_class AS t
JOIN pg_namespace AS n ON n.oid = t.relnamespace
WHERE t.relkind IN ('r', 'm', 'p') AND {_FOREIGN}
ORDER BY n.nspname, t.relname
"""  # noqa: S608 - as above

FOREIGN_KEYS = f"""
SELECT
    n.nspname AS schema, t.relname AS "table", k.conname AS name, t.oid::bigint AS table_oid,
    r.oid::bigint AS referenced_oid, format('%I.%I', rn.nspname, r.relname) AS referenced,
    ARRAY(
        SELECT quote_ident(a.attname) FROM unnest(k.conkey) WITH ORDINALITY AS u (attnum, place)
        JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = u.attnum ORDER BY u.place
    ) AS columns,
    ARRAY(
        SELECT a.attcollation::bigint FROM unnest(k.conkey) WITH ORDINALITY AS u (attnum, place)
        JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = u.attnum ORDER BY u.place
    ) AS collations,
    format('%I.%I', n.nspname, t.relname) AS qualified_table
FROM pg_constraint AS k
JOIN pg_class AS t ON t.oid = k.conrelid
JOIN pg_namespace AS n ON n.oid = t.relnamespace
JOIN pg_class AS r ON r.oid = k.confrelid
JOIN pg_namespace AS rn ON rn.oid = r.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND {_FOREIGN}
ORDER BY n.nspname, t.relname, k.conname
"""  # noqa: S608 - as above

INDEX_SCANS = """
SELECT n.nspname, c.relname, pg_stat_get_numscans(c.oid)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind = 'i'
"""

TABLE_ACTIVITY = """
SELECT
    n.nspname, c.relname, pg_stat_get_numscans(c.oid), pg_stat_get_tuples_returned(c.oid),
    pg_stat_get_tuples_inserted(c.oid), pg_stat_get_tuples_updated(c.oid), pg_stat_get_tuples_hot_updated(c.oid),
    pg_stat_get_tuples_deleted(c.oid)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm')
"""

# Rows of otelmon's own tables whose time is known tell how old a transaction id is.
CLOCK = """
SELECT age(s.xmin)::bigint, EXTRACT(epoch FROM clock_timestamp() - s.taken_at)::float8
FROM otelmon.snapshot_history AS s
UNION ALL
SELECT age(v.xmin)::bigint, EXTRACT(epoch FROM clock_timestamp() - v.installed_at)::float8
FROM otelmon.schema_version AS v
"""
HAS_CLOCK = """
SELECT CASE WHEN has_schema_privilege(s.oid, 'USAGE') AND to_regclass('otelmon.snapshot_history') IS NOT NULL
    THEN has_table_privilege('otelmon.snapshot_history', 'SELECT')
        AND has_table_privilege('otelmon.schema_version', 'SELECT') ELSE false END
FROM pg_namespace AS s WHERE s.nspname = 'otelmon'
"""

SEQUENCES = """
SELECT
    n.nspname AS schema, c.relname AS name, format('%I.%I', n.nspname, c.relname) AS qualified,
    s.seqmax AS most, format_type(s.seqtypid, NULL) AS type,
    CASE WHEN has_sequence_privilege(c.oid, 'SELECT, USAGE') THEN pg_sequence_last_value(c.oid) END AS last_value,
    has_sequence_privilege(c.oid, 'SELECT, USAGE') AS readable,
    tn.nspname AS table_schema, t.relname AS "table", format('%I.%I', tn.nspname, t.relname) AS qualified_table,
    a.attname AS "column", quote_ident(a.attname) AS quoted_column, format_type(a.atttypid, NULL) AS column_type,
    CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 END::bigint AS column_most
FROM pg_sequence AS s
JOIN pg_class AS c ON c.oid = s.seqrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
-- Owned by a column (serial, identity), or named in the default of one.
LEFT JOIN LATERAL (
    SELECT d.refobjid, d.refobjsubid FROM pg_depend AS d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
        AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
    UNION ALL
    SELECT f.adrelid, f.adnum FROM pg_depend AS d
    JOIN pg_attrdef AS f ON f.oid = d.objid AND d.classid = 'pg_attrdef'::regclass
    WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
    LIMIT 1
) AS used ON true
LEFT JOIN pg_class AS t ON t.oid = used.refobjid
LEFT JOIN pg_namespace AS tn ON tn.oid = t.relnamespace
LEFT JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = used.refobjsubid
WHERE s.seqincrement > 0 AND NOT s.seqcycle AND c.relpersistence <> 't' AND n.nspname <> 'otelmon'
ORDER BY n.nspname, c.relname
"""
