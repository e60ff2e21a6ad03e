"""The work that is measured: each kind is set up once in a process and then done any number of times.

Twenty operations make one request. The statement is the reference service's look-up by two indexed columns.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.peers.addresses import Addresses
    from benchmarks.peers.tracing import Tracing

PER_REQUEST = 20
# demo/service/queries.py has it too, where otelmon would be imported; tests/unit/benchmarks holds both equal.
STATEMENT = "SELECT id, owner, name, description, stars FROM repositories WHERE owner = %s AND name = %s"
ARGUMENTS = ("owner-01", "project-1")
SECONDS_TO_WAIT = 10


def in_requests(tracing: Tracing, operation: Callable[[], object]) -> Callable[[int], None]:
    """Returns what does an operation so many times, twenty to a request."""

    def operate(operations: int) -> None:
        for _ in range(operations // PER_REQUEST):
            with tracing.root():
                for _ in range(PER_REQUEST):
                    operation()

    return operate


def _fetching(tracing: Tracing, new_cursor: Callable[[], Any]) -> Callable[[int], None]:
    """Returns a query with its fetch; where the peer does not observe the driver, with a span made by hand."""
    by_hand = tracing.hand_made

    def query() -> None:
        with new_cursor() as cursor:
            cursor.execute(STATEMENT, ARGUMENTS)
            cursor.fetchone()

    def query_by_hand() -> None:
        with new_cursor() as cursor:
            with by_hand(STATEMENT):  # type: ignore[misc]  # used only where it is there
                cursor.execute(STATEMENT, ARGUMENTS)
            cursor.fetchone()

    return in_requests(tracing, query if by_hand is None else query_by_hand)


def psycopg2_select(tracing: Tracing, addresses: Addresses) -> Callable[[int], None]:
    """Queries through psycopg2."""
    import psycopg2  # noqa: PLC0415 - after the peer has patched it, and so in all of them

    connection = psycopg2.connect(addresses.database)
    connection.autocommit = True
    return _fetching(tracing, connection.cursor)


def psycopg2_real_dict(tracing: Tracing, addresses: Addresses) -> Callable[[int], None]:
    """Queries through psycopg2 with a cursor class given to each cursor."""
    import psycopg2  # noqa: PLC0415 - as above
    from psycopg2.extras import RealDictCursor  # noqa: PLC0415 - as above

    connection = psycopg2.connect(addresses.database)
    connection.autocommit = True
    return _fetching(tracing, lambda: connection.cursor(cursor_factory=RealDictCursor))


def psycopg_select(tracing: Tracing, addresses: Addresses) -> Callable[[int], None]:
    """Queries through psycopg 3."""
    import psycopg  # noqa: PLC0415 - as above

    connection = psycopg.connect(addresses.database, autocommit=True)
    return _fetching(tracing, connection.cursor)


def asyncpg_select(tracing: Tracing, addresses: Addresses) -> Callable[[int], None]:
    """Queries through asyncpg, on a loop of its own."""
    import asyncpg  # noqa: PLC0415 - as above

    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(addresses.database.partition("?")[0]))
    statement = STATEMENT.replace("%s", "$1", 1).replace("%s", "$2", 1)

    async def operate(operations: int) -> None:
        for _ in range(operations // PER_REQUEST):
            with tracing.root():
                for _ in range(PER_REQUEST):
                    await connection.fetchrow(statement, *ARGUMENTS)

    return lambda operations: loop.run_until_complete(operate(operations))


def sqlalchemy_select(tracing: Tracing, addresses: Addresses) -> Callable[[int], None]:
    """Queries through SQLAlchemy on psycopg2, on one connection."""
    import sqlalchemy  # noqa: PLC0415 - as above

    engine = sqlalchemy.create_engine(addresses.database.replace("postgresql://", "postgresql+psycopg2://", 1))
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    statement = sqlalchemy.text(STATEMENT.replace("%s", ":owner", 1).replace("%s", ":name", 1))
    given = dict(zip(("owner", "name"), ARGUMENTS, strict=True))
    return in_requests(tracing, lambda: connection.execute(statement, given).fetchone())


def pool_checkout(tracing: Tracing, addresses: Addresses) -> Callable[[int], None]:
    """Takes a connection from psycopg2's pool and gives it back."""
    from psycopg2.pool import ThreadedConnectionPool  # noqa: PLC0415 - as above

    pool = ThreadedConnectionPool(1, 2, addresses.database)
    return in_requests(tracing, lambda: pool.putconn(pool.getconn()))


def _get(tracing: Tracing, url: str) -> Callable[[int], None]:
    import requests  # noqa: PLC0415 - as above

    session = requests.Session()
    return in_requests(tracing, lambda: session.get(url, timeout=SECONDS_TO_WAIT).json())


def requests_get(tracing: Tracing, addresses: Addresses) -> Callable[[int], None]:
    """Asks a server on a connection that is kept."""
    return _get(tracing, f"{addresses.plain}/repos/owner-01/project-1")


def github_get(tracing: Tracing, addresses: Addresses) -> Callable[[int], None]:
    """Asks one that answers with GitHub's headers, at an address that counts as GitHub's."""
    return _get(tracing, f"{addresses.github}/repos/owner-01/project-1")


def cache_hit(tracing: Tracing, addresses: Addresses) -> Callable[[int], None]:  # noqa: ARG001 - as the others
    """Reads a key that is there from cachetools' LRUCache."""
    import cachetools  # noqa: PLC0415 - as above

    cache = cachetools.LRUCache(100)
    cache["key"] = "value"
    tracing.watch_cache("benchmark", cache)
    return in_requests(tracing, lambda: cache["key"])


def metric_export(tracing: Tracing, addresses: Addresses) -> Callable[[int], None]:  # noqa: ARG001 - as the others
    """Collects metrics and sends them; it happens by the clock, so that no other work contains it."""

    def operate(operations: int) -> None:
        for _ in range(operations):
            tracing.export_metrics()

    return operate


WORKS: dict[str, Callable[[Tracing, Addresses], Callable[[int], None]]] = {
    "psycopg2": psycopg2_select,
    "RealDictCursor": psycopg2_real_dict,
    "psycopg 3": psycopg_select,
    "asyncpg": asyncpg_select,
    "SQLAlchemy": sqlalchemy_select,
    "pool checkout": pool_checkout,
    "requests GET": requests_get,
    "GitHub answer": github_get,
    "cache hit": cache_hit,
    "export of metrics": metric_export,
}
