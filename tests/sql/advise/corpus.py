"""Traps for advice on indexes, each with the truth, and their innocent look-alikes.

Each case has a schema of its own, of its name, with a table ``t`` of 10,000 rows in it and, in question, the
index ``index_two`` (a constraint ``f`` for foreign keys). ``truth`` says whether it should be reported.
"""

from __future__ import annotations

from dataclasses import dataclass

UNUSED, DUPLICATE, REDUNDANT, INVALID, FOREIGN_KEY = "unused", "duplicate", "redundant", "invalid", "foreign key"
QUESTIONS = (UNUSED, DUPLICATE, REDUNDANT, INVALID, FOREIGN_KEY)
ROWS = 10_000
TABLE = f"""
CREATE TABLE t AS SELECT i AS id, i AS a, (i * 7) % {ROWS} AS b, i % 97 AS c, 'name ' || i AS name, i % 3 = 0 AS flag,
    ARRAY[i, i + 1] AS list, jsonb_build_object('k', i) AS document, point(i, i) AS place
FROM generate_series(1, {ROWS}) AS i;
"""
PARENT = f"""
CREATE TABLE t (id integer, a integer, b integer) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO ({ROWS // 2});
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM ({ROWS // 2}) TO ({ROWS + 1});
INSERT INTO t SELECT i, i, i * 7 % {ROWS} FROM generate_series(1, {ROWS}) AS i;
"""
READ = "SELECT count(*) FROM t"
BUILD = "CREATE INDEX CONCURRENTLY index_two ON t (a)"
BY_B = "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES r (x)"
IDENTITY = "ALTER TABLE t REPLICA IDENTITY USING INDEX index_two"
BY_A = "SELECT a FROM t WHERE a = 5"
REFERENCED = """
CREATE TABLE r (x integer, y integer, z text, PRIMARY KEY (x, y), UNIQUE (x), UNIQUE (z));
INSERT INTO r SELECT i, i, 'name ' || i FROM generate_series(1, 100) AS i;
"""
REFERENCING = """
CREATE TABLE t AS SELECT i AS id, 1 + i % 100 AS x, 1 + i % 100 AS y, 'name ' || (1 + i % 100) AS z
FROM generate_series(1, 10000) AS i;
"""
ONE = f"{REFERENCED}{REFERENCING}ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES r (x);"
TWO = f"{REFERENCED}{REFERENCING}ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (x, y) REFERENCES r (x, y);"
TEXT = f"{REFERENCED}{REFERENCING}ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (z) REFERENCES r (z);"
NOT_NULL = "ALTER TABLE t ALTER a SET NOT NULL;"


@dataclass(frozen=True)
class Case:
    """Holds one trap or innocent: what makes it, what reads it, and who."""

    name: str
    question: str
    truth: bool
    setup: str
    primary: str = READ
    standby: str = READ
    concurrently: str = ""
    late: str = ""
    target: str = "index_two"
    since: int = 14

    @property
    def schema(self) -> str:
        """Returns the schema of the case."""
        return f"{self.question.replace(' ', '_')}_{self.name.replace(' ', '_')}"


def unused(name: str, index: str, truth: bool = True, **more: str) -> Case:
    """Makes a case about an index on the usual table that nobody reads."""
    return Case(name, UNUSED, truth, TABLE + index, **more)  # type: ignore[arg-type]


def pair(name: str, question: str, first: str, second: str, truth: bool = True, **more: int) -> Case:
    """Makes a case about two indexes on the usual table, of which the second may go.

    Their names have one length, because some tools compare expressions with the places where they stood in the text.
    """
    return Case(name, question, truth, f"{TABLE}{first};\n{second};\n", **more)  # type: ignore[arg-type]


def key(name: str, table: str, index: str, truth: bool = True, **more: str) -> Case:
    """Makes a case about a foreign key."""
    return Case(name, FOREIGN_KEY, truth, table + index, target="f", **more)  # type: ignore[arg-type]


CASES = (
    unused("plain", "CREATE INDEX index_two ON t (a)"),
    unused("partial", "CREATE INDEX index_two ON t (a) WHERE NOT flag"),
    unused("expression", "CREATE INDEX index_two ON t (lower(name))"),
    unused("gin", "CREATE INDEX index_two ON t USING gin (list)"),
    unused("gist", "CREATE INDEX index_two ON t USING gist (place)"),
    unused("hash", "CREATE INDEX index_two ON t USING hash (a)"),
    unused("included columns", "CREATE INDEX index_two ON t (a) INCLUDE (b)"),
    unused("descending", "CREATE INDEX index_two ON t (a DESC)"),
    unused("operator class", "CREATE INDEX index_two ON t (name text_pattern_ops)"),
    unused("collation", 'CREATE INDEX index_two ON t (name COLLATE "POSIX")'),
    unused("two columns", "CREATE INDEX index_two ON t (a, b)"),
    unused("unlogged", "ALTER TABLE t SET UNLOGGED; CREATE INDEX index_two ON t (a)", standby=""),
    unused("name to quote", 'CREATE INDEX "I ""x"" y" ON t (a)', target='I "x" y'),
    unused(
        "dressed",
        "CREATE INDEX index_two ON t (lower(name)) WITH (fillfactor = 70) WHERE flag;"
        "COMMENT ON INDEX index_two IS 'it''s';"
        "ALTER INDEX index_two ALTER COLUMN 1 SET STATISTICS 77",
    ),
    Case("partitioned", UNUSED, True, f"{PARENT}CREATE INDEX index_two ON t (a);"),
    Case("own of one partition", UNUSED, True, f"{PARENT}CREATE INDEX index_two ON t1 (a);"),
    Case(
        "materialized view",
        UNUSED,
        True,
        f"{TABLE}CREATE MATERIALIZED VIEW m AS TABLE t; CREATE INDEX index_two ON m (a);",
        "SELECT count(*) FROM m",
        "SELECT count(*) FROM m",
    ),
    Case(
        "key supported twice",
        UNUSED,
        True,
        f"{ONE}CREATE INDEX index_one ON t (x); CREATE INDEX index_two ON t (id, x);",
    ),
    unused("unique", "CREATE UNIQUE INDEX index_two ON t (a)", False),
    unused("primary key", "ALTER TABLE t ADD CONSTRAINT index_two PRIMARY KEY (a)", False),
    unused("exclusion", "ALTER TABLE t ADD CONSTRAINT index_two EXCLUDE USING gist (place WITH ~=)", False),
    unused(
        "replica identity",
        f"{NOT_NULL}CREATE UNIQUE INDEX index_two ON t (a); " + IDENTITY,
        False,
    ),
    unused("partial unique", "CREATE UNIQUE INDEX index_two ON t (a) WHERE flag", False),
    unused("deferrable", "ALTER TABLE t ADD CONSTRAINT index_two UNIQUE (a) DEFERRABLE", False),
    unused(
        "referenced",
        "ALTER TABLE t ADD CONSTRAINT index_two UNIQUE (a); CREATE TABLE s (a integer REFERENCES t (a))",
        False,
    ),
    unused("used", "CREATE INDEX index_two ON t (a)", False, primary=BY_A),
    unused("used on the standby", "CREATE INDEX index_two ON t (a)", False, standby=BY_A),
    unused(
        "condition used on the standby",
        "CREATE INDEX index_two ON t (a) WHERE NOT flag",
        False,
        standby="SELECT a FROM t WHERE a < 9 AND NOT flag",
    ),
    unused("nobody reads the table", "CREATE INDEX index_two ON t (a)", False, primary="", standby=""),
    unused("recent", "", False, late="CREATE INDEX index_two ON t (a)"),
    unused("recent partial", "", False, late="CREATE INDEX index_two ON t (a) WHERE NOT flag"),
    unused("clustered", "CREATE INDEX index_two ON t (a); ALTER TABLE t CLUSTER ON index_two", False),
    unused("brin of three pages", "CREATE INDEX index_two ON t USING brin (a)", False),
    Case("tiny table", UNUSED, False, "CREATE TABLE t AS SELECT 1 AS a; CREATE INDEX index_two ON t (a);"),
    Case("supports a key", UNUSED, False, f"{ONE}CREATE INDEX index_two ON t (x);"),
    Case("supports a key of two", UNUSED, False, f"{TWO}CREATE INDEX index_two ON t (y, x, id);"),
    Case(
        "supports a key where not null", UNUSED, False, f"{ONE}CREATE INDEX index_two ON t (x, id) WHERE x IS NOT NULL;"
    ),
    Case(
        "sibling used",
        UNUSED,
        False,
        f"{PARENT}CREATE INDEX index_two ON t (a);",
        "SELECT a FROM t WHERE id = 7 AND a = 7",
        target="t2_a_idx",
    ),
    Case(
        "partition used on the standby",
        UNUSED,
        False,
        f"{PARENT}CREATE INDEX index_two ON t (a);",
        standby="SELECT a FROM t WHERE id = 7 AND a = 7",
    ),
    pair("plain", DUPLICATE, "CREATE INDEX index_one ON t (a)", "CREATE INDEX index_two ON t (a)"),
    pair("of the primary key", DUPLICATE, "ALTER TABLE t ADD PRIMARY KEY (a)", "CREATE INDEX index_two ON t (a)"),
    pair("of a unique index", DUPLICATE, "CREATE UNIQUE INDEX index_one ON t (a)", "CREATE INDEX index_two ON t (a)"),
    pair("two unique", DUPLICATE, "CREATE UNIQUE INDEX index_one ON t (a)", "CREATE UNIQUE INDEX index_two ON t (a)"),
    pair(
        "unique beside constraint", DUPLICATE, "ALTER TABLE t ADD UNIQUE (a)", "CREATE UNIQUE INDEX index_two ON t (a)"
    ),
    pair(
        "two constraints",
        DUPLICATE,
        "ALTER TABLE t ADD PRIMARY KEY (a)",
        "ALTER TABLE t ADD CONSTRAINT index_two UNIQUE (a)",
    ),
    pair(
        "partial",
        DUPLICATE,
        "CREATE INDEX index_one ON t (a) WHERE flag",
        "CREATE INDEX index_two ON t (a) WHERE (flag)",
    ),
    pair(
        "expression",
        DUPLICATE,
        "CREATE INDEX index_one ON t (lower(name))",
        "CREATE INDEX index_two ON t (lower(name))",
    ),
    pair(
        "gin", DUPLICATE, "CREATE INDEX index_one ON t USING gin (list)", "CREATE INDEX index_two ON t USING gin (list)"
    ),
    pair("hash", DUPLICATE, "CREATE INDEX index_one ON t USING hash (a)", "CREATE INDEX index_two ON t USING hash (a)"),
    pair(
        "included in another order",
        DUPLICATE,
        "CREATE INDEX index_one ON t (a) INCLUDE (b, c)",
        "CREATE INDEX index_two ON t (a) INCLUDE (c, b)",
    ),
    pair("descending", DUPLICATE, "CREATE INDEX index_one ON t (a DESC)", "CREATE INDEX index_two ON t (a DESC)"),
    pair(
        "other fill factor",
        DUPLICATE,
        "CREATE INDEX index_one ON t (a)",
        "CREATE INDEX index_two ON t (a) WITH (fillfactor = 80)",
    ),
    pair(
        "other name of the operator class",
        DUPLICATE,
        "CREATE INDEX index_one ON t (name)",
        "CREATE INDEX index_two ON t (name varchar_ops)",
    ),
    pair("names to quote", DUPLICATE, 'CREATE INDEX "K, y" ON t (a)', "CREATE INDEX index_two ON t (a)"),
    Case("partitioned", DUPLICATE, True, f"{PARENT}CREATE INDEX index_one ON t (a); CREATE INDEX index_two ON t (a);"),
    Case(
        "own of one partition",
        DUPLICATE,
        True,
        f"{PARENT}CREATE INDEX index_two ON t1 (a); CREATE INDEX index_one ON ONLY t (a);"
        "CREATE INDEX index_one_1 ON t1 (a); CREATE INDEX index_one_2 ON t2 (a);"
        "ALTER INDEX index_one ATTACH PARTITION index_one_1;"
        "ALTER INDEX index_one ATTACH PARTITION index_one_2;",
    ),
    pair(
        "other condition",
        DUPLICATE,
        "CREATE INDEX index_one ON t (a) WHERE flag",
        "CREATE INDEX index_two ON t (a) WHERE NOT flag",
        False,
    ),
    pair(
        "partial and full",
        DUPLICATE,
        "CREATE INDEX index_one ON t (a)",
        "CREATE INDEX index_two ON t (a) WHERE flag",
        False,
    ),
    pair(
        "operator class",
        DUPLICATE,
        "CREATE INDEX index_one ON t (name)",
        "CREATE INDEX index_two ON t (name text_pattern_ops)",
        False,
    ),
    pair(
        "collation",
        DUPLICATE,
        "CREATE INDEX index_one ON t (name)",
        'CREATE INDEX index_two ON t (name COLLATE "POSIX")',
        False,
    ),
    pair(
        "other included",
        DUPLICATE,
        "CREATE INDEX index_one ON t (a) INCLUDE (b)",
        "CREATE INDEX index_two ON t (a) INCLUDE (c)",
        False,
    ),
    pair(
        "other method",
        DUPLICATE,
        "CREATE INDEX index_one ON t (a)",
        "CREATE INDEX index_two ON t USING hash (a)",
        False,
    ),
    pair(
        "other expression",
        DUPLICATE,
        "CREATE INDEX index_one ON t (lower(name))",
        "CREATE INDEX index_two ON t (upper(name))",
        False,
    ),
    pair(
        "mixed directions",
        DUPLICATE,
        "CREATE INDEX index_one ON t (a, b)",
        "CREATE INDEX index_two ON t (a, b DESC)",
        False,
    ),
    pair(
        "nulls first",
        DUPLICATE,
        "CREATE INDEX index_one ON t (a)",
        "CREATE INDEX index_two ON t (a NULLS FIRST)",
        False,
    ),
    pair(
        "order of columns", DUPLICATE, "CREATE INDEX index_one ON t (a, b)", "CREATE INDEX index_two ON t (b, a)", False
    ),
    pair(
        "path operators",
        DUPLICATE,
        "CREATE INDEX index_one ON t USING gin (document)",
        "CREATE INDEX index_two ON t USING gin (document jsonb_path_ops)",
        False,
    ),
    pair(
        "nulls not distinct",
        DUPLICATE,
        "CREATE UNIQUE INDEX index_one ON t (a)",
        "CREATE UNIQUE INDEX index_two ON t (a) NULLS NOT DISTINCT",
        False,
        since=15,
    ),
    pair(
        "deferrable beside immediate",
        DUPLICATE,
        "ALTER TABLE t ADD UNIQUE (a) DEFERRABLE",
        "CREATE UNIQUE INDEX index_two ON t (a)",
        False,
    ),
    pair(
        "replica identity beside primary key",
        DUPLICATE,
        "ALTER TABLE t ADD PRIMARY KEY (a)",
        "CREATE UNIQUE INDEX index_two ON t (a); ALTER TABLE t REPLICA IDENTITY USING INDEX index_two",
        False,
    ),
    pair(
        "second one referenced",
        DUPLICATE,
        "ALTER TABLE t ADD CONSTRAINT index_two UNIQUE (a)",
        "CREATE TABLE s (a integer REFERENCES t (a)); ALTER TABLE t ADD PRIMARY KEY (a)",
        False,
    ),
    pair("prefix", REDUNDANT, "CREATE INDEX index_one ON t (a, b)", "CREATE INDEX index_two ON t (a)"),
    pair("of a unique one", REDUNDANT, "CREATE UNIQUE INDEX index_one ON t (a, b)", "CREATE INDEX index_two ON t (a)"),
    pair("of the primary key", REDUNDANT, "ALTER TABLE t ADD PRIMARY KEY (a, b)", "CREATE INDEX index_two ON t (a)"),
    pair("two of three", REDUNDANT, "CREATE INDEX index_one ON t (a, b, c)", "CREATE INDEX index_two ON t (a, b)"),
    pair(
        "wider by included", REDUNDANT, "CREATE INDEX index_one ON t (a) INCLUDE (b)", "CREATE INDEX index_two ON t (a)"
    ),
    pair(
        "included in the key",
        REDUNDANT,
        "CREATE INDEX index_one ON t (a, b)",
        "CREATE INDEX index_two ON t (a) INCLUDE (b)",
    ),
    pair(
        "same condition",
        REDUNDANT,
        "CREATE INDEX index_one ON t (a, b) WHERE flag",
        "CREATE INDEX index_two ON t (a) WHERE flag",
    ),
    pair(
        "expression",
        REDUNDANT,
        "CREATE INDEX index_one ON t (lower(name), a)",
        "CREATE INDEX index_two ON t (lower(name))",
    ),
    pair("backwards", REDUNDANT, "CREATE INDEX index_one ON t (a)", "CREATE INDEX index_two ON t (a DESC)"),
    pair("prefix backwards", REDUNDANT, "CREATE INDEX index_one ON t (a, b)", "CREATE INDEX index_two ON t (a DESC)"),
    pair(
        "same collation",
        REDUNDANT,
        'CREATE INDEX index_one ON t (name COLLATE "POSIX", a)',
        'CREATE INDEX index_two ON t (name COLLATE "POSIX")',
    ),
    Case(
        "partitioned", REDUNDANT, True, f"{PARENT}CREATE INDEX index_one ON t (a, b); CREATE INDEX index_two ON t (a);"
    ),
    pair("second column", REDUNDANT, "CREATE INDEX index_one ON t (a, b)", "CREATE INDEX index_two ON t (b)", False),
    pair(
        "nulls first",
        REDUNDANT,
        "CREATE INDEX index_one ON t (a, b)",
        "CREATE INDEX index_two ON t (a NULLS FIRST)",
        False,
    ),
    pair(
        "mixed directions",
        REDUNDANT,
        "CREATE INDEX index_one ON t (a, b, c)",
        "CREATE INDEX index_two ON t (a, b DESC)",
        False,
    ),
    pair(
        "narrow unique",
        REDUNDANT,
        "CREATE INDEX index_one ON t (a, b)",
        "CREATE UNIQUE INDEX index_two ON t (a)",
        False,
    ),
    pair(
        "narrow constraint",
        REDUNDANT,
        "CREATE INDEX index_one ON t (a, b)",
        "ALTER TABLE t ADD CONSTRAINT index_two UNIQUE (a)",
        False,
    ),
    pair(
        "narrow replica identity",
        REDUNDANT,
        f"{NOT_NULL}CREATE INDEX index_one ON t (a, b)",
        "CREATE UNIQUE INDEX index_two ON t (a); ALTER TABLE t REPLICA IDENTITY USING INDEX index_two",
        False,
    ),
    pair(
        "partial of full",
        REDUNDANT,
        "CREATE INDEX index_one ON t (a, b)",
        "CREATE INDEX index_two ON t (a) WHERE flag",
        False,
    ),
    pair(
        "full of partial",
        REDUNDANT,
        "CREATE INDEX index_one ON t (a, b) WHERE flag",
        "CREATE INDEX index_two ON t (a)",
        False,
    ),
    pair(
        "operator class",
        REDUNDANT,
        "CREATE INDEX index_one ON t (name, a)",
        "CREATE INDEX index_two ON t (name text_pattern_ops)",
        False,
    ),
    pair(
        "collation",
        REDUNDANT,
        "CREATE INDEX index_one ON t (name, a)",
        'CREATE INDEX index_two ON t (name COLLATE "POSIX")',
        False,
    ),
    pair("hash", REDUNDANT, "CREATE INDEX index_one ON t (a, b)", "CREATE INDEX index_two ON t USING hash (a)", False),
    pair(
        "brin",
        REDUNDANT,
        "CREATE INDEX index_one ON t USING brin (a, b)",
        "CREATE INDEX index_two ON t USING brin (a)",
        False,
    ),
    pair(
        "included elsewhere",
        REDUNDANT,
        "CREATE INDEX index_one ON t (a, b)",
        "CREATE INDEX index_two ON t (a) INCLUDE (c)",
        False,
    ),
    Case(
        "used and far smaller",
        REDUNDANT,
        False,
        TABLE + "ALTER TABLE t ADD long text; UPDATE t SET long = repeat(md5(a::text), 20);"
        "ALTER TABLE t ALTER long SET STORAGE PLAIN; CREATE INDEX index_one ON t (a, long);"
        "CREATE INDEX index_two ON t (a);",
        BY_A,
    ),
    Case("unique failed", INVALID, True, TABLE, concurrently="CREATE UNIQUE INDEX CONCURRENTLY index_two ON t (c)"),
    Case(
        "expression failed",
        INVALID,
        True,
        TABLE,
        concurrently="CREATE INDEX CONCURRENTLY index_two ON t ((1 / (a - 5)))",
    ),
    Case(
        "beside a complete one",
        INVALID,
        True,
        f"{TABLE}CREATE INDEX index_one ON t (c);",
        concurrently="CREATE UNIQUE INDEX CONCURRENTLY index_two ON t (c)",
    ),
    Case(
        "rebuild failed",
        INVALID,
        True,
        TABLE + "CREATE FUNCTION g(x integer) RETURNS integer IMMUTABLE "
        "LANGUAGE plpgsql AS 'BEGIN RETURN x; END'; CREATE INDEX index_two ON t (g(a));",
        concurrently="CREATE OR REPLACE FUNCTION g(x integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql "
        "AS 'BEGIN RETURN 1 / 0; END'",
        target="index_two_ccnew",
    ),
    Case("waits for partitions", INVALID, True, f"{PARENT}CREATE INDEX index_two ON ONLY t (a);"),
    Case("complete", INVALID, False, f"{TABLE}CREATE INDEX index_two ON t (a);"),
    Case("partitioned complete", INVALID, False, f"{PARENT}CREATE INDEX index_two ON t (a);"),
    Case("being built", INVALID, False, TABLE, concurrently=BUILD),
    key("none", ONE, ""),
    key("partial", ONE, "CREATE INDEX index_two ON t (x) WHERE id > 5"),
    key("included only", ONE, "CREATE INDEX index_two ON t (id) INCLUDE (x)"),
    key("second column", ONE, "CREATE INDEX index_two ON t (id, x)"),
    key("expression", ONE, "CREATE INDEX index_two ON t ((x + 0))"),
    key("brin", ONE, "CREATE INDEX index_two ON t USING brin (x)"),
    key("first of two", TWO, "CREATE INDEX index_two ON t (x, id)"),
    key("one included", TWO, "CREATE INDEX index_two ON t (x) INCLUDE (y)"),
    key("other collation", TEXT, 'CREATE INDEX index_two ON t (z COLLATE "POSIX")'),
    key("invalid", ONE, "", concurrently="CREATE UNIQUE INDEX CONCURRENTLY index_two ON t (x)"),
    key(
        "partitioned",
        f"{PARENT}{REFERENCED}",
        "UPDATE t SET b = 1; " + BY_B,
    ),
    key(
        "to itself",
        f"{TABLE}ALTER TABLE t ADD PRIMARY KEY (id);",
        "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES t",
    ),
    key("exact", ONE, "CREATE INDEX index_two ON t (x)", False),
    key("wider", ONE, "CREATE INDEX index_two ON t (x, id)", False),
    key("unique", ONE, "CREATE UNIQUE INDEX index_two ON t (x, id)", False),
    key("in the primary key", ONE, "ALTER TABLE t ADD PRIMARY KEY (x, id)", False),
    key("hash", ONE, "CREATE INDEX index_two ON t USING hash (x)", False),
    key("where not null", ONE, "CREATE INDEX index_two ON t (x) WHERE x IS NOT NULL", False),
    key("other order", TWO, "CREATE INDEX index_two ON t (y, x)", False),
    key("other order and more", TWO, "CREATE INDEX index_two ON t (y, x, id)", False),
    key("pattern operators", TEXT, "CREATE INDEX index_two ON t (z text_pattern_ops)", False),
    key("tiny table", ONE, "DELETE FROM t WHERE id > 10", False),
    key(
        "partitioned with index",
        f"{PARENT}{REFERENCED}",
        "UPDATE t SET b = 1; CREATE INDEX index_two ON t (b); " + BY_B,
        False,
    ),
)
