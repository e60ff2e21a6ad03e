"""Statements with places: {x} any literal, {s} a string, {n} a number, {w} a bare word, {b} a blank."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.fuzz.canaries import mark, words
from tests.fuzz.literals import exchangeable, literal, number, string

if TYPE_CHECKING:
    from collections.abc import Sequence

QUERIES = r"""
SELECT{b}* FROM t1 WHERE a ={b}{x} AND b >{x} LIMIT {n} OFFSET {n}
SELECT a, {x} AS b, f({x},{x}), a->{s}, b#>>{s} FROM t1, LATERAL g({x}) u WHERE a BETWEEN {x} AND {x}
SELECT a FROM t1 WHERE b IN ({x},{x}, {x}) OR (a, b) IN (({x}, {x}), ({x}, {x})) OR c = ANY(ARRAY[{x}]) OR d LIKE {s}
SELECT DISTINCT ON ({x}) a FROM t1 GROUP BY a, ROLLUP({x}) HAVING count(*) >{b}{n} ORDER BY a <-> {s}
SELECT a FROM t1 ORDER BY a = {x} DESC NULLS LAST FETCH FIRST {n} ROWS ONLY
SELECT CASE WHEN a = {x} THEN {x} ELSE - {n} END, EXTRACT(EPOCH FROM {s}::timestamp)
SELECT SUBSTRING({s} FROM {n} FOR {n}), OVERLAY(a PLACING {s} FROM {n}), TRIM({s} FROM {s}) FROM t1
SELECT a FROM t1 TABLESAMPLE BERNOULLI ({n}) REPEATABLE ({n}) WHERE b IS DISTINCT FROM {x}
SELECT a FROM t1 WHERE a @@ {s} AND c % {n} = {n}
SELECT sum(a) OVER (ORDER BY b ROWS BETWEEN {n} PRECEDING AND CURRENT ROW) FROM t1 WHERE a SIMILAR TO {s} ESCAPE {s}
SELECT * FROM JSON_TABLE(doc, {s} COLUMNS (a int PATH {s} DEFAULT {x} ON EMPTY)) AS jt; SELECT {x}
SELECT * FROM XMLTABLE({s} PASSING doc COLUMNS a int PATH {s}) WHERE xmlparse(document {s}) IS NOT NULL
VALUES ({x}, {x}), ({x}, {x})
INSERT INTO t1 (a, b) VALUES ({x},{b}{x}), ({x}, DEFAULT) ON CONFLICT (a) DO UPDATE SET b = {x} RETURNING {x}
INSERT INTO t1 SELECT {x}, g.a FROM generate_series({n}, {n}) g
UPDATE "My Table" SET a ={x}, b = b{b}- {n}, c[{n}] = {x}, (d, e) = ({x}, {x}) WHERE c = $1 AND d = %(name)s AND e = %s
DELETE FROM t1 USING u WHERE t1.a = {x} OR u.b <> ALL({s}::int[])
WITH RECURSIVE r(a) AS (SELECT {x} UNION ALL SELECT a + {n} FROM r WHERE a < {n}) SELECT f(a, {x}) FROM r
MERGE INTO t1 USING s ON t1.a = s.a AND s.b = {x} WHEN MATCHED AND s.c = {x} THEN UPDATE SET a = {x}
MERGE INTO t1 USING s ON t1.a = s.a WHEN NOT MATCHED THEN INSERT VALUES ({x}, {x})
EXPLAIN (ANALYZE, FORMAT JSON) SELECT {x} FROM t1 WHERE a = {x}
CALL p({x}, {x})
EXECUTE plan1({x}, {x})
DECLARE c CURSOR FOR SELECT {x}
"""
UTILITIES = r"""
PREPARE p AS SELECT {x} FROM t1
FETCH {n} FROM c
CREATE ROLE app LOGIN PASSWORD {s} VALID UNTIL {s} CONNECTION LIMIT {n}
ALTER{b}ROLE app{b}PASSWORD {s}; SELECT {x}
ALTER USER app WITH ENCRYPTED PASSWORD {w}
create user app password {w}; SELECT {x}
SELECT {x}; ALTER USER app WITH PASSWORD {s}
CREATE USER MAPPING FOR app SERVER s OPTIONS (user {s}, password {s})
CREATE SERVER s FOREIGN DATA WRAPPER f OPTIONS (host {s}, port {s})
ALTER SERVER s OPTIONS (SET host {s})
CREATE SUBSCRIPTION s CONNECTION {s} PUBLICATION p
ALTER SUBSCRIPTION s CONNECTION {s}
ALTER SYSTEM SET primary_conninfo = {s}
ALTER DATABASE d SET app.token TO {w}
ALTER ROLE app SET app.token = {w}
SET app.current_token TO {w}
SET{b}LOCAL app.current_token ={b}{x}
SET SESSION app.a TO {s}, {w}; SELECT {x}
SET SESSION AUTHORIZATION {w}
SET ROLE {s}
SET TIME ZONE {x}
SELECT set_config({s}, {s}, true)
DO {s}
DO LANGUAGE plpgsql {s}
DO $do$ BEGIN PERFORM f({x}); END $do$
COPY t1 (a, b) FROM {s} WITH (DELIMITER {s}, NULL {s})
COPY (SELECT {x}) TO PROGRAM {s}
COPY t1 (a, b) FROM STDIN;{line}{w}	{n}
COPY t1 FROM stdin WITH (FORMAT csv){line}{w},{n}
CREATE TABLE t2 AS SELECT {x} AS a, {x} AS b
CREATE TABLE t2 (a int DEFAULT {x} CHECK (a > {n}), b numeric({n},{n}))
CREATE TABLE t2 (a text COLLATE "C" GENERATED ALWAYS AS ({x}) STORED)
CREATE TABLE t2 PARTITION OF t1 FOR VALUES FROM ({x}) TO ({x})
CREATE TABLE t2 PARTITION OF t1 FOR VALUES WITH (MODULUS {n}, REMAINDER {n})
ALTER TABLE t1 ADD COLUMN a text DEFAULT {x}, ALTER COLUMN b SET DEFAULT {x}, ALTER COLUMN c SET STATISTICS {n}
CREATE VIEW w AS SELECT {x} WHERE {x} = a
CREATE INDEX i ON t1 (a, (b || {s})) WITH (fillfactor = {n}) WHERE c = {x}
CREATE POLICY p ON t1 USING (a = {x}) WITH CHECK (b = {x})
CREATE TYPE mood AS ENUM ({s}, {s})
ALTER TYPE mood ADD VALUE {s} BEFORE {s}
CREATE DOMAIN d AS text DEFAULT {x} CHECK (VALUE <> {x})
CREATE SEQUENCE s START {n} INCREMENT BY -{n} MAXVALUE {n}
ALTER SEQUENCE s RESTART WITH {n}
CREATE TABLESPACE ts LOCATION {s}
CREATE FUNCTION f(a int DEFAULT {x}) RETURNS text LANGUAGE sql AS {s}
CREATE FUNCTION f() RETURNS text LANGUAGE sql SET search_path = {s} COST {n} RETURN {x}
CREATE TRIGGER tr BEFORE INSERT ON t1 FOR EACH ROW EXECUTE FUNCTION f({s}, {n})
COMMENT ON TABLE t1 IS {s}
SECURITY LABEL FOR s ON TABLE t1 IS {s}
NOTIFY channel, {s}
PREPARE TRANSACTION {s}
COMMIT PREPARED {s}
ROLLBACK PREPARED {s}
LOAD {s}
IMPORT FOREIGN SCHEMA a FROM SERVER s INTO b OPTIONS (o {s})
SELECT dblink_connect({s}), lo_import({s}), pg_read_file({s})
"""
_PLACE = re.compile(r"\{(\w+)\}")
_BLANKS = st.sampled_from([" ", "  ", "\n", "\t", "\r\n", " /* a */ ", " -- a\n", "/* a /* b */ c */", "\f", "\xa0"])
_STRATEGIES = {"s": string, "n": number, "w": words, "b": _BLANKS, "line": st.just("\n")}
# Nothing of these is a value, and all of it is dropped with what it holds.
_BEFORE = st.one_of(
    st.sampled_from(["", "", "", " ", "\n", ";", "(", "\ufeff", "BEGIN;", "/* a */"]),
    st.builds("/* user={} */ ".format, mark),
    st.builds("-- {}\n".format, mark),
)
_AFTER = st.one_of(
    st.sampled_from(["", "", "", ";", " ;\n", "\0"]),
    st.builds("/*route='%2F{}',traceparent='{}'*/".format, mark, mark),
    st.builds(" -- {}".format, mark),
)


def lines(block: str) -> list[str]:
    """Returns the shapes of a block."""
    return block.strip("\n").split("\n")


def fill(shape: str, values: Sequence[str]) -> str:
    """Returns a shape with its places filled in their order."""
    rest = iter(values)
    return _PLACE.sub(lambda _: next(rest), shape)


def _places(shape: str, anything: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.tuples(*(_STRATEGIES.get(kind, anything) for kind in _PLACE.findall(shape)))


@st.composite
def statements(draw: st.DrawFn, *, closed: bool = False) -> str:
    """Draws a statement of any kind with planted values in all its places, and comments with more around it.

    Args:
        draw: hypothesis' own.
        closed: whether no comment is left open, into which another statement would fall.
    """
    shape = draw(st.sampled_from(lines(QUERIES) + lines(UTILITIES)))
    after = draw(_AFTER if closed else st.one_of(_AFTER, st.builds(" /* {} /* {}".format, mark, mark)))
    return str(draw(_BEFORE) + fill(shape, draw(_places(shape, literal))) + after)


@st.composite
def twins(draw: st.DrawFn) -> tuple[str, str]:
    """Draws two statements that differ in literals, blanks and comments only."""
    shape = draw(st.sampled_from(lines(QUERIES)))
    places = _places(shape, exchangeable)
    return fill(shape, draw(places)), fill(shape, draw(places))
