"""Every statement that the service sends to PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg2 import sql

from demo.service.database import Row, numbers, rows

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - psycopg2 writes its class in lower case

REPOSITORY = "SELECT id, owner, name, description, stars FROM repositories WHERE owner = %s AND name = %s"

TOP_CONTRIBUTORS = """
SELECT contributors.login, count(*) AS contributions, sum(contributions.additions) AS additions
FROM contributions
JOIN contributors ON contributors.id = contributions.contributor_id
WHERE contributions.repository_id = %s
GROUP BY contributors.login
ORDER BY contributions DESC, contributors.login
LIMIT 25
"""

ACTIVITY = """
SELECT date_trunc('month', contributed_at) AS month, count(*) AS contributions
FROM contributions
WHERE repository_id = %s
GROUP BY month
ORDER BY month
"""

REPOSITORIES = "SELECT owner, name, stars FROM repositories ORDER BY stars DESC, owner, name LIMIT %s"

TOTALS = """
SELECT (SELECT count(*) FROM repositories) AS repositories,
       (SELECT count(*) FROM contributors) AS contributors,
       (SELECT count(*) FROM contributions) AS contributions
"""

ADD_CONTRIBUTOR = "INSERT INTO contributors (login, email) VALUES (%s, %s) RETURNING id"

WAIT = "SELECT pg_sleep(%s)"
FAILING = "SELECT count(*) / 0 FROM repositories"

# Every contribution is compared with every other one of its repository, so the time grows with the square of their
# number. The address stands in the text of the statement as a literal, as query builders and reports like to do.
COLLABORATORS = sql.SQL("""
SELECT theirs.contributor_id, count(*) AS days
FROM contributions AS mine
JOIN contributions AS theirs
  ON theirs.repository_id = mine.repository_id
 AND abs(extract(epoch FROM theirs.contributed_at - mine.contributed_at)) < 86400
JOIN contributors ON contributors.id = mine.contributor_id
WHERE mine.repository_id <= {repositories} AND contributors.email <> {email}
GROUP BY theirs.contributor_id
ORDER BY days DESC
LIMIT 10
""")


def repository(connection: Connection, owner: str, name: str) -> Row | None:
    """Returns one repository, or None when it is not known."""
    found = rows(connection, REPOSITORY, (owner, name))
    return found[0] if found else None


def top_contributors(connection: Connection, repository_id: object) -> list[Row]:
    """Returns the 25 most active contributors of a repository."""
    return rows(connection, TOP_CONTRIBUTORS, (repository_id,))


def activity(connection: Connection, repository_id: object) -> list[Row]:
    """Returns the number of contributions a month."""
    return rows(connection, ACTIVITY, (repository_id,))


def repositories(connection: Connection, most: int) -> list[Row]:
    """Returns the repositories with the most stars."""
    return rows(connection, REPOSITORIES, (most,))


def totals(connection: Connection) -> list[int]:
    """Returns how many repositories, contributors and contributions there are."""
    return numbers(connection, TOTALS)


def add_contributor(connection: Connection, login: str, email: str) -> object:
    """Adds a contributor and returns its id; login and e-mail address are unique.

    Raises:
        psycopg2.errors.UniqueViolation: when one of them is taken.
    """
    return rows(connection, ADD_CONTRIBUTOR, (login, email))[0]["id"]


def wait(connection: Connection, seconds: float) -> None:
    """Waits inside the server."""
    rows(connection, WAIT, (seconds,))


def failing(connection: Connection) -> None:
    """Divides by zero.

    Raises:
        psycopg2.errors.DivisionByZero: always.
    """
    rows(connection, FAILING)


def collaborators(connection: Connection, repositories: int, email: str) -> list[Row]:
    """Returns who contributes to the first repositories on the same days as others, leaving one address out.

    Args:
        connection: a connection inside a transaction.
        repositories: how many are compared; ten take a good half second on a small machine.
        email: the address that is left out.
    """
    return rows(connection, COLLABORATORS.format(repositories=sql.Literal(repositories), email=sql.Literal(email)))
