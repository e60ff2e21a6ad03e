"""Fills the schema with rows that depend on the seed alone; the same seed gives the same rows on every server.

Run it as ``python -m demo.seed postgresql://... [--seed 7] [--contributions 120000]``.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import psycopg2

SCHEMA = Path(__file__).with_name("schema.sql")
OWNERS = 20

REPOSITORIES = """
INSERT INTO repositories (id, owner, name, description, stars)
SELECT n, format('owner-%%s', lpad((1 + (n - 1) %% %(owners)s)::text, 2, '0')),
       format('project-%%s', 1 + (n - 1) / %(owners)s), format('Project number %%s', n),
       (hashint8extended(n, %(seed)s) & 65535)::integer
FROM generate_series(1, %(repositories)s) AS n
"""

CONTRIBUTORS = """
INSERT INTO contributors (id, login, email)
SELECT n, format('login-%%s', n), format('login-%%s@example.org', n) FROM generate_series(1, %(contributors)s) AS n
"""

# Squaring the hashed fraction makes a few contributors busy and many rare, as in real repositories.
CONTRIBUTIONS = """
INSERT INTO contributions (repository_id, contributor_id, contributed_at, additions, deletions)
SELECT 1 + (hashint8extended(n, %(seed)s + 1) & 2147483647) %% %(repositories)s,
       1 + floor(%(contributors)s * power((hashint8extended(n, %(seed)s + 2) & 2147483647) / 2147483648.0, 2))::bigint,
       timestamptz '2024-01-01 00:00:00+00'
           + (hashint8extended(n, %(seed)s + 3) & 2147483647) %% 62208000 * interval '1 second',
       (hashint8extended(n, %(seed)s + 4) & 511)::integer,
       (hashint8extended(n, %(seed)s + 5) & 255)::integer
FROM generate_series(1, %(contributions)s) AS n
"""

AFTERWARDS = (
    "CREATE INDEX contributions_by_repository ON contributions (repository_id, contributed_at)",
    "SELECT setval(pg_get_serial_sequence('contributors', 'id'), max(id)) FROM contributors",
)
# Frozen and counted now, so that autovacuum does not come in between measurements.
SETTLE = "VACUUM (FREEZE, ANALYZE) repositories, contributors, contributions"


@dataclass(frozen=True, slots=True)
class Amounts:
    """Holds how many rows of each kind there will be, and the seed that they are made from."""

    seed: int = 7
    repositories: int = 200
    contributors: int = 5_000
    contributions: int = 120_000


USUAL = Amounts()


def seed(url: str, amounts: Amounts = USUAL) -> None:
    """Creates the schema in an empty database and fills it.

    Args:
        url: a libpq connection string.
        amounts: the seed and the numbers of rows.
    """
    parameters = {
        "owners": OWNERS,
        "seed": amounts.seed,
        "repositories": amounts.repositories,
        "contributors": amounts.contributors,
        "contributions": amounts.contributions,
    }
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(SCHEMA.read_text(encoding="utf-8"))
            for statement in (REPOSITORIES, CONTRIBUTORS, CONTRIBUTIONS):
                cursor.execute(statement, parameters)
            for statement in AFTERWARDS:
                cursor.execute(statement)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(SETTLE)
    finally:
        connection.close()


def main() -> None:
    """Reads the command line and seeds."""
    parser = argparse.ArgumentParser(prog="python -m demo.seed", description=__doc__)
    parser.add_argument("url", help="libpq connection string of an empty database")
    parser.add_argument("--seed", type=int, default=USUAL.seed)
    parser.add_argument("--contributions", type=int, default=USUAL.contributions)
    given = parser.parse_args()
    seed(given.url, Amounts(seed=given.seed, contributions=given.contributions))


if __name__ == "__main__":
    main()
