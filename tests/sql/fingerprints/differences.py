"""Pairs of statements that fingerprints and PostgreSQL's query id do not group alike, with the reason."""

from __future__ import annotations

from dataclasses import dataclass

from tests.sql.servers import MAJORS


@dataclass(frozen=True)
class Difference:
    """Holds two statements, whether they have one fingerprint, and the versions in which they have one query id."""

    one: str
    other: str
    together: bool
    same_id_in: tuple[str, ...]
    why: str


NONE: tuple[str, ...] = ()
FROM_16 = ("16", "17", "18")
DIFFERENCES = (
    Difference(
        "SELECT name FROM items WHERE id IN (1, 2)",
        "SELECT name FROM items WHERE id IN (1, 2, 3)",
        True,
        ("18",),
        "Lists of constants are one from PostgreSQL 18 on; before, each length has an id of its own.",
    ),
    Difference(
        "SELECT name FROM items WHERE id IN (1)",
        "SELECT name FROM items WHERE id IN (1, 2)",
        True,
        NONE,
        "A list of one is an equality for PostgreSQL.",
    ),
    Difference(
        "INSERT INTO tree (id, label) VALUES (401, 'a')",
        "INSERT INTO tree (id, label) VALUES (401, 'a'), (402, 'b')",
        True,
        NONE,
        "No version makes rows of VALUES one; otherwise each size of a batch would be a statement.",
    ),
    Difference(
        "SELECT name FROM items WHERE price = 1",
        "SELECT name FROM items WHERE price = 1.5",
        True,
        NONE,
        "A query id knows the type of a constant; an application may well write both.",
    ),
    Difference(
        "SELECT name, price FROM items WHERE name = $1::text AND id <> $2::int",
        "SELECT name, price FROM items WHERE name = $2::text AND id <> $1::int",
        True,
        NONE,
        "A placeholder is a value like any other, so that %s, $1 and the text kept by pg_stat_statements are one.",
    ),
    Difference(
        "CREATE VIEW made AS SELECT id FROM items WHERE id = 1",
        "CREATE VIEW made AS SELECT id FROM items WHERE id = 2",
        True,
        NONE,
        "Definitions keep their constants in PostgreSQL; so do COMMENT, NOTIFY, DO and CREATE FUNCTION.",
    ),
    Difference(
        "SELECT * FROM orders",
        "SELECT id, item_id, customer_id, amount, placed, note FROM orders",
        False,
        MAJORS,
        "Only the server knows the columns.",
    ),
    Difference(
        "SELECT id FROM items",
        "SELECT id FROM public.items",
        False,
        MAJORS,
        "Only the server knows the search path.",
    ),
    Difference(
        "SELECT id FROM items",
        "SELECT id AS number FROM items",
        False,
        MAJORS,
        "A query id does not contain the names of output columns.",
    ),
    Difference(
        "SELECT items.id FROM items",
        "SELECT i.id FROM items i",
        False,
        ("14", "15", "16", "17"),
        "Until PostgreSQL 17 aliases do not count.",
    ),
    Difference(
        "SELECT id FROM items WHERE id >= 1 AND id <= 5",
        "SELECT id FROM items WHERE id BETWEEN 1 AND 5",
        False,
        MAJORS,
        "Other spellings of one meaning, here and in substring, LIMIT ALL, ORDER BY 1 and type 'literal'.",
    ),
    Difference(
        "DROP TABLE IF EXISTS nowhere",
        "drop table if exists nowhere",
        True,
        FROM_16,
        "Until PostgreSQL 15 the id of a utility statement is that of its very text.",
    ),
)
