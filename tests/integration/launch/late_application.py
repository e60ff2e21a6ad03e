"""An application for a test: tells which libraries are loaded at its start, then imports one and asks the database.

argv: the connection string.
"""

import sys

LIBRARIES = ("aiohttp", "asyncpg", "httpx", "psycopg", "psycopg_pool", "sentry_sdk", "sqlalchemy")


def main() -> None:
    """Asks with a driver that is imported only now."""
    print(*(name for name in LIBRARIES if name in sys.modules), flush=True)
    import psycopg

    with psycopg.connect(sys.argv[1]) as connection:
        connection.execute("SELECT 1")


if __name__ == "__main__":
    main()
