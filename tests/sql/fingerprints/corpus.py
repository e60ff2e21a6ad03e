"""At least 500 statements of all kinds, most of them one statement written in several ways.

In a template ``{n}`` is a number and ``{t}`` a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SCHEMA = """
CREATE TABLE customers (id int PRIMARY KEY, name text, email text UNIQUE, "Mixed" text, "user" text);
CREATE TABLE items (id int PRIMARY KEY, name text, price numeric, active boolean, created timestamptz, tags text[],
  data jsonb, stock bigint DEFAULT 0);
CREATE TABLE orders (id int PRIMARY KEY, item_id int REFERENCES items, customer_id int REFERENCES customers,
  amount int, placed date, note text);
CREATE TABLE tree (id int PRIMARY KEY, parent int, label text);
CREATE INDEX orders_placed ON orders (placed);
CREATE VIEW cheap AS SELECT * FROM items WHERE price < 10;
CREATE MATERIALIZED VIEW totals AS SELECT item_id, sum(amount) AS amount FROM orders GROUP BY item_id;
CREATE SEQUENCE numbers;
CREATE SCHEMA other;
CREATE TABLE other.items (id int PRIMARY KEY, name text);
CREATE FUNCTION add_up(a int, b int) RETURNS int LANGUAGE sql AS 'SELECT a + b';
CREATE PROCEDURE nothing(a int) LANGUAGE sql AS 'SELECT a';
INSERT INTO customers SELECT n, 'c' || n, n || '@x' FROM generate_series(1, 9) n;
INSERT INTO items SELECT n, 'i' || n, n, true, now(), ARRAY['a'], '{"a": 1}' FROM generate_series(1, 9) n;
INSERT INTO orders SELECT n, n, n, n, '2026-01-01', 'n' FROM generate_series(1, 9) n;
INSERT INTO tree SELECT n, n / 2, 'l' || n FROM generate_series(1, 9) n;
"""

QUERIES = """
SELECT id FROM items
SELECT name FROM items WHERE id = {n}
SELECT name, price FROM items WHERE name = {t} AND id <> {n}
SELECT i.name FROM items i WHERE i.price > {n} ORDER BY i.price DESC LIMIT {n}
SELECT count(*) FROM items WHERE active AND id < {n}
SELECT count(DISTINCT name) FROM items WHERE id BETWEEN {n} AND {n}
SELECT name FROM items WHERE name LIKE {t} OR name ILIKE {t}
SELECT name FROM items WHERE name IS NULL AND id > {n}
SELECT name FROM items WHERE name IS NOT NULL AND id > {n}
SELECT name FROM items WHERE NOT active AND id = {n}
SELECT i.name, o.amount FROM items i JOIN orders o ON o.item_id = i.id WHERE o.amount > {n}
SELECT i.name, o.amount FROM items i LEFT JOIN orders o ON o.item_id = i.id WHERE i.id = {n}
SELECT i.name FROM items i RIGHT JOIN orders o ON o.item_id = i.id WHERE o.id = {n}
SELECT i.name FROM items i FULL JOIN orders o ON o.item_id = i.id WHERE o.id = {n}
SELECT i.name FROM items i CROSS JOIN orders o WHERE o.id = {n}
SELECT i.name, c.name FROM items i JOIN orders o ON o.item_id = i.id JOIN customers c ON c.id = o.customer_id WHERE c.email = {t}
SELECT i.name FROM items i, orders o WHERE i.id = o.item_id AND o.note = {t}
SELECT name FROM items WHERE id = (SELECT max(item_id) FROM orders WHERE amount < {n})
SELECT name FROM items i WHERE EXISTS (SELECT 1 FROM orders o WHERE o.item_id = i.id AND o.amount = {n})
SELECT name FROM items WHERE id IN (SELECT item_id FROM orders WHERE note = {t})
SELECT name FROM items i, LATERAL (SELECT amount FROM orders o WHERE o.item_id = i.id LIMIT {n}) l
WITH big AS (SELECT * FROM orders WHERE amount > {n}) SELECT note FROM big WHERE id = {n}
WITH big AS MATERIALIZED (SELECT * FROM orders WHERE amount > {n}) SELECT note FROM big
WITH RECURSIVE up AS (SELECT id, parent FROM tree WHERE id = {n} UNION ALL SELECT t.id, t.parent FROM tree t JOIN up ON t.id = up.parent) SELECT id FROM up
WITH gone AS (DELETE FROM orders WHERE id = {n} RETURNING item_id) SELECT item_id FROM gone
SELECT item_id, sum(amount) FROM orders GROUP BY item_id HAVING sum(amount) > {n}
SELECT item_id, sum(amount) FILTER (WHERE amount > {n}) FROM orders GROUP BY item_id
SELECT item_id, placed, sum(amount) FROM orders WHERE id > {n} GROUP BY GROUPING SETS ((item_id), (placed), ())
SELECT item_id, placed, sum(amount) FROM orders WHERE id > {n} GROUP BY ROLLUP (item_id, placed)
SELECT id, row_number() OVER (PARTITION BY item_id ORDER BY amount) FROM orders WHERE id < {n}
SELECT id, lag(amount, {n}) OVER w FROM orders WINDOW w AS (ORDER BY placed)
SELECT id, sum(amount) OVER (ORDER BY id ROWS BETWEEN {n} PRECEDING AND CURRENT ROW) FROM orders
SELECT id FROM items WHERE id = {n} UNION SELECT id FROM orders WHERE id = {n}
SELECT id FROM items WHERE id = {n} UNION ALL SELECT id FROM orders WHERE id = {n}
SELECT id FROM items INTERSECT SELECT id FROM orders WHERE amount = {n}
SELECT id FROM items EXCEPT SELECT id FROM orders WHERE amount = {n}
SELECT DISTINCT name FROM items WHERE id > {n}
SELECT DISTINCT ON (item_id) item_id, amount FROM orders WHERE amount > {n} ORDER BY item_id, amount DESC
SELECT CASE WHEN id > {n} THEN {t} ELSE name END FROM items
SELECT coalesce(name, {t}), nullif(id, {n}) FROM items
SELECT upper(name) || {t} FROM items WHERE length(name) > {n}
SELECT name FROM items WHERE created > now() - make_interval(days => {n})
SELECT extract(year FROM created) FROM items WHERE id = {n}
SELECT date_trunc({t}, created) FROM items WHERE false
SELECT id FROM orders WHERE placed > CURRENT_DATE - {n}
SELECT price::int FROM items WHERE id = {n}
SELECT id::text FROM items WHERE name = {t}
SELECT data -> {t} FROM items
SELECT data ->> {t} FROM items
SELECT data #>> ARRAY[{t}, {t}] FROM items WHERE data IS NOT NULL
SELECT id FROM items WHERE data -> 'a' IS NOT NULL AND id = {n}
SELECT id FROM items WHERE data @> jsonb_build_object('a', {n})
SELECT jsonb_agg(name) FROM items WHERE id > {n}
SELECT id FROM items WHERE tags && ARRAY[{t}]
SELECT tags[{n}] FROM items
SELECT id FROM items WHERE {t} = ANY(tags)
SELECT array_agg(id ORDER BY id) FROM items WHERE id > {n}
SELECT unnest(tags) FROM items WHERE id = {n}
SELECT n FROM generate_series({n}, {n}) n
SELECT add_up({n}, {n})
SELECT id FROM items WHERE id = {n} FOR UPDATE
SELECT id FROM items WHERE id = {n} FOR SHARE SKIP LOCKED
SELECT id FROM items ORDER BY id LIMIT {n} OFFSET {n}
SELECT id FROM items ORDER BY name NULLS LAST, id FETCH FIRST {n} ROWS ONLY
SELECT id FROM items TABLESAMPLE BERNOULLI ({n})
SELECT amount % {n} FROM orders
SELECT amount / 2 + {n} * 3 - {n} FROM orders
SELECT id FROM items WHERE name ~ {t} AND name !~* {t}
SELECT id FROM items WHERE name COLLATE "C" < {t}
SELECT "Mixed" FROM customers WHERE "user" = {t}
SELECT id FROM other.items WHERE name = {t}
SELECT name FROM cheap WHERE id = {n}
SELECT amount FROM totals WHERE item_id = {n}
SELECT nextval('numbers') WHERE {n} > 0
SELECT (id, name) FROM items WHERE id = {n}
SELECT id FROM items WHERE (id, name) = ({n}, {t})
SELECT count(*) FROM orders WHERE amount IS DISTINCT FROM {n}
SELECT string_agg(name, {t}) FROM items
SELECT greatest(id, {n}) FROM items
INSERT INTO tree (id, parent, label) VALUES ({n} + 100, {n}, {t})
INSERT INTO tree SELECT id + 200, {n}, name FROM items
INSERT INTO customers (id, name) VALUES (1, {t}) ON CONFLICT (id) DO NOTHING
INSERT INTO customers (id, name) VALUES (1, {t}) ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name WHERE customers.id < {n}
INSERT INTO tree (id, label) VALUES (300, {t}) RETURNING id
UPDATE items SET price = {n} WHERE id = {n}
UPDATE items SET price = price * {n}, name = {t} WHERE id = {n}
UPDATE items SET name = {t} FROM orders o WHERE o.item_id = items.id AND o.amount = {n}
UPDATE items SET (name, price) = ({t}, {n}) WHERE id = {n} RETURNING id
DELETE FROM orders WHERE id = {n}
DELETE FROM orders o USING items i WHERE i.id = o.item_id AND i.name = {t}
DELETE FROM orders WHERE placed < '2020-01-01' AND note = {t} RETURNING id
VALUES ({n}, {t})
TABLE items
"""  # noqa: E501 - one statement a line

# Each line is tried as it stands.
SINGLE = """
SELECT name FROM items WHERE id IN (1)
SELECT name FROM items WHERE id IN (1, 2)
SELECT name FROM items WHERE id IN (1, 2, 3)
SELECT name FROM items WHERE id IN (4, 5, 6, 7, 8)
SELECT name FROM items WHERE id = ANY(ARRAY[1, 2])
SELECT name FROM items WHERE id = ANY(ARRAY[1, 2, 3])
SELECT name FROM items WHERE id = ANY('{1,2}')
SELECT name FROM items WHERE name IN ('a', 'b')
SELECT name FROM items WHERE name IN ('a', 'b', 'c')
INSERT INTO tree (id, label) VALUES (401, 'a'), (402, 'b')
INSERT INTO tree (id, label) VALUES (401, 'a'), (402, 'b'), (403, 'c')
INSERT INTO tree (id, label) VALUES (401, 'a')
SELECT name FROM items WHERE price = 1
SELECT name FROM items WHERE price = 1.5
SELECT name FROM items WHERE id = '5'
SELECT name FROM items WHERE id = 5
SELECT name FROM items WHERE id = -5
SELECT name FROM items WHERE id = 10000000000
SELECT 1
SELECT 'a'
SELECT 1.5
SELECT NULL
SELECT TRUE
SELECT false
SELECT E'a\\nb'
SELECT $$a$$
SELECT $tag$it's$tag$
SELECT U&'\\0061'
SELECT B'101'
SELECT X'1F'
SELECT "id" FROM "items"
SELECT ID FROM ITEMS
SELECT items.id FROM items
SELECT i.id FROM items i
SELECT x.id FROM items AS x
SELECT id AS number FROM items
SELECT id number FROM items
SELECT id FROM public.items
SELECT id FROM ONLY items
SELECT ALL id FROM items
SELECT * FROM orders
SELECT id, item_id, customer_id, amount, placed, note FROM orders
SELECT id FROM items ORDER BY id
SELECT id FROM items ORDER BY id ASC
SELECT id FROM items ORDER BY 1
SELECT id FROM items ORDER BY id DESC
SELECT CAST(price AS int) FROM items WHERE id = 1
SELECT price::int4 FROM items WHERE id = 1
SELECT price::integer FROM items WHERE id = 1
SELECT price::bigint FROM items WHERE id = 1
SELECT price::text FROM items WHERE id = 1
SELECT date '2026-01-01'
SELECT '2026-01-01'::date
SELECT CAST('2026-01-01' AS date)
SELECT interval '1 day'
SELECT interval '2 days'
SELECT id FROM items WHERE id != 5
SELECT id FROM items WHERE id <> 5
SELECT id FROM items WHERE id >= 1 AND id <= 5
SELECT id FROM items WHERE id BETWEEN 1 AND 5
SELECT id FROM items WHERE (id = 5)
SELECT id FROM items WHERE active = TRUE
SELECT id FROM items WHERE active = FALSE
SELECT id FROM items WHERE active IS TRUE
SELECT id FROM items WHERE active IS FALSE
SELECT id FROM items WHERE name = NULL
SELECT id FROM items WHERE name = 'x'
UPDATE items SET name = NULL WHERE id = 1
UPDATE items SET name = 'x' WHERE id = 1
UPDATE items SET stock = DEFAULT WHERE id = 1
SELECT i.name FROM items i INNER JOIN orders o ON o.item_id = i.id
SELECT i.name FROM items i JOIN orders o ON o.item_id = i.id
SELECT i.name FROM items AS i JOIN orders AS o ON i.id = o.item_id
SELECT i.name FROM items i LEFT OUTER JOIN orders o ON o.item_id = i.id
SELECT i.name FROM items i LEFT JOIN orders o ON o.item_id = i.id
SELECT now()
SELECT CURRENT_TIMESTAMP
SELECT user
SELECT "user" FROM customers
SELECT data ? 'a' FROM items
SELECT data ?| ARRAY['a', 'b'] FROM items
SELECT data @? '$.a' FROM items
SELECT substring(name FROM 1 FOR 2) FROM items
SELECT substring(name, 1, 2) FROM items
SELECT position('a' IN name) FROM items
SELECT trim(both ' ' FROM name) FROM items
SELECT 1;
SELECT /* why */ 1
SELECT 1 -- end
SELECT /* a /* nested */ one */ 1
SELECT id FROM items LIMIT ALL
SELECT id FROM items LIMIT NULL
MERGE INTO items i USING orders o ON o.item_id = i.id WHEN MATCHED THEN UPDATE SET price = 5
MERGE INTO items i USING orders o ON o.item_id = i.id WHEN MATCHED THEN UPDATE SET price = 7
CREATE TABLE made (id int)
CREATE TABLE made (id int, name text)
create table MADE (ID int)
CREATE TABLE made AS SELECT id FROM items WHERE id = 1
CREATE TABLE made AS SELECT id FROM items WHERE id = 2
CREATE TEMP TABLE made (id int) ON COMMIT DROP
CREATE INDEX made ON items (name)
CREATE INDEX made ON items (name) WHERE id > 5
CREATE INDEX made ON items (name) WHERE id > 6
CREATE VIEW made AS SELECT id FROM items WHERE id = 1
CREATE VIEW made AS SELECT id FROM items WHERE id = 2
CREATE SEQUENCE made START 5
CREATE SEQUENCE made START 6
CREATE FUNCTION made() RETURNS int LANGUAGE sql AS $$SELECT 1$$
CREATE FUNCTION made() RETURNS int LANGUAGE sql AS $$SELECT 2$$
CREATE TYPE made AS ENUM ('a', 'b')
CREATE SCHEMA made
ALTER TABLE items ADD COLUMN made int
ALTER TABLE items ADD COLUMN made int DEFAULT 5
ALTER TABLE items ALTER COLUMN name SET NOT NULL
ALTER TABLE items ADD CONSTRAINT made CHECK (id > 0)
ALTER TABLE items ADD CONSTRAINT made CHECK (id > -1)
ALTER TABLE items RENAME TO made
DROP VIEW cheap
DROP TABLE IF EXISTS nowhere
drop table if exists nowhere
TRUNCATE tree
COMMENT ON TABLE items IS 'a'
COMMENT ON TABLE items IS 'b'
GRANT SELECT ON items TO PUBLIC
LOCK TABLE items IN ACCESS SHARE MODE
SET LOCAL statement_timeout = 1000
SET LOCAL statement_timeout = 2000
SET LOCAL statement_timeout TO 1000
SET LOCAL work_mem = '8MB'
set local work_mem = '9MB'
SHOW work_mem
SHOW statement_timeout
RESET work_mem
SAVEPOINT a
SAVEPOINT b
savepoint a
BEGIN
begin
BEGIN WORK
START TRANSACTION
COMMIT
commit
ROLLBACK
END
ABORT
BEGIN ISOLATION LEVEL SERIALIZABLE
DECLARE made CURSOR FOR SELECT id FROM items WHERE id = 1
DECLARE made CURSOR FOR SELECT id FROM items WHERE id = 2
DECLARE other CURSOR FOR SELECT id FROM items WHERE id = 2
DEALLOCATE ALL
EXPLAIN SELECT id FROM items WHERE id = 1
EXPLAIN SELECT id FROM items WHERE id = 2
EXPLAIN (COSTS OFF) SELECT id FROM items WHERE id = 2
DO $$ BEGIN PERFORM 1; END $$
DO $$ BEGIN PERFORM 2; END $$
CALL nothing(1)
CALL nothing(2)
LISTEN made
UNLISTEN *
NOTIFY made
NOTIFY made, 'x'
NOTIFY made, 'y'
ANALYZE items
analyze items
VACUUM items
REINDEX TABLE tree
REFRESH MATERIALIZED VIEW totals
DISCARD PLANS
CHECKPOINT
COPY items TO STDOUT
COPY items (id, name) TO STDOUT
COPY (SELECT id FROM items WHERE id = 1) TO STDOUT
COPY (SELECT id FROM items WHERE id = 2) TO STDOUT
"""
# In PostgreSQL's own notation, sent with values apart.
NUMBERED = """
SELECT name FROM items WHERE id = $1::int
SELECT name, price FROM items WHERE name = $1::text AND id <> $2::int
SELECT name, price FROM items WHERE name = $2::text AND id <> $1::int
SELECT name FROM items WHERE id IN ($1::int, $2::int)
SELECT name FROM items WHERE id IN ($1::int, $2::int, $3::int)
SELECT name FROM items WHERE id = ANY($1::int[])
UPDATE items SET price = $1::int WHERE id = $2::int
DELETE FROM orders WHERE id = $1::int
"""
OUTSIDE = re.compile(r"(?i)(?:BEGIN|START|COMMIT|END|ABORT|ROLLBACK|VACUUM|CHECKPOINT|DISCARD)\b")
VALUES = ((("1", "2", "3"), ("'day'", "'hour'", "'b'")), (("42", "7", "5"), ("'month'", "'it''s'", "$q$x$q$")))
_SLOT = re.compile(r"\{[nt]\}")


@dataclass(frozen=True)
class Statement:
    """Holds a statement as an application gives it, with its values where it gives them apart."""

    text: str
    values: tuple[int | str | list[int], ...] | None = None
    is_numbered: bool = False

    @property
    def needs_no_block(self) -> bool:
        """Tells whether it cannot be run, or means something else, inside a transaction block."""
        return OUTSIDE.match(self.text) is not None


def _filled(template: str, numbers: tuple[str, ...], texts: tuple[str, ...]) -> str:
    left = {"{n}": iter(numbers * 2), "{t}": iter(texts * 2)}
    return _SLOT.sub(lambda slot: next(left[slot.group()]), template)


def _respelled(template: str) -> str:
    """Writes a template in other letters, other blanks and with a comment; quoted parts stay."""
    parts = re.split(r"('[^']*'|\"[^\"]*\"|\{[nt]\})", template)
    return "-- one\n" + "".join(
        part if number % 2 else part.lower().replace(" ", "\n\t") for number, part in enumerate(parts)
    )


def _variants(template: str) -> list[Statement]:
    statements = [Statement(_filled(template, *VALUES[0])), Statement(_filled(_respelled(template), *VALUES[0]))]
    slots = _SLOT.findall(template)
    if slots:
        statements.append(Statement(_filled(template, *VALUES[1])))
        statements.append(Statement(_filled(template, *VALUES[0]) + " ;"))
        left = {"{n}": iter([1, 2, 3] * 2), "{t}": iter(["day", "hour", "b"] * 2)}
        text = _SLOT.sub("%s", template.replace("%", "%%"))
        statements.append(Statement(text, tuple(next(left[slot]) for slot in slots)))
        statements.append(Statement("/* route='/x' */ " + _filled(template, *VALUES[1])))
    return statements


def corpus() -> list[Statement]:
    """Returns the statements."""
    values: dict[str, tuple[int | str | list[int], ...]] = {
        "name = $1": ("a", 1),
        "name = $2": (1, "a"),
        "ANY": ([1, 2],),
    }
    found = [each for line in QUERIES.strip().splitlines() for each in _variants(line)]
    found += [Statement(line) for line in SINGLE.strip().splitlines()]
    for line in NUMBERED.strip().splitlines():
        given = next((value for key, value in values.items() if key in line), tuple(range(1, line.count("$") + 1)))
        found.append(Statement(line, given, is_numbered=True))
    return found
