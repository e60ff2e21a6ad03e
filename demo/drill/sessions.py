"""Sessions of PostgreSQL that a fault keeps open."""

from __future__ import annotations

import threading
from contextlib import suppress

import psycopg2


class Sessions:
    """Opens sessions and closes them all."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._open: list[psycopg2.extensions.connection] = []

    def open(self, count: int = 1, first: str = "") -> None:
        """Opens sessions and lets each run a statement, in a transaction that stays open where there is one."""
        for _ in range(count):
            connection = psycopg2.connect(self._url)
            connection.autocommit = not first
            self._open.append(connection)
            if first:
                with connection.cursor() as cursor:
                    cursor.execute(first)

    def run(self, statement: str) -> None:
        """Runs a statement in a session of its own, beside the caller, in a transaction; an error ends it."""
        connection = psycopg2.connect(self._url)
        self._open.append(connection)

        def execute() -> None:
            with suppress(psycopg2.Error), connection.cursor() as cursor:
                cursor.execute(statement)

        threading.Thread(target=execute, daemon=True).start()

    def close(self) -> None:
        """Ends every session, also those that still wait."""
        for connection in self._open:
            with suppress(psycopg2.Error):
                connection.cancel()
        for connection in self._open:
            with suppress(psycopg2.Error):
                connection.close()
        self._open.clear()


def execute(url: str, *statements: str) -> None:
    """Runs statements outside any transaction."""
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()
