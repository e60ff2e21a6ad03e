"""An application for tests under ``opentelemetry-instrument``: a request with queries of several kinds, then it ends.

argv: the connection string.
"""

from __future__ import annotations

import sys

from opentelemetry import trace
from psycopg2 import connect, extras

PLANTED = "planted-4711"


def main() -> None:
    """Runs five calls in one request: a query, a slow one, a failing one, the rollback, and a batch."""
    connection = connect(sys.argv[1], None, extras.DictCursor)
    with trace.get_tracer("application").start_as_current_span("page", kind=trace.SpanKind.SERVER):
        with connection.cursor(cursor_factory=extras.RealDictCursor) as cursor:
            cursor.execute("SELECT name FROM items WHERE name <> %s", (PLANTED,))
            cursor.execute(f"SELECT pg_sleep(0.6), '{PLANTED}'")
        try:
            connection.cursor().execute(f"SELECT '{PLANTED}'::int")
        except Exception:  # noqa: BLE001 - what it is does not matter
            connection.rollback()
        extras.execute_values(connection.cursor(), "INSERT INTO items VALUES %s", [(50, PLANTED, 1), (51, "x", 2)])
    connection.close()


if __name__ == "__main__":
    main()
