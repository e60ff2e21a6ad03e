"""Opens a connection with the driver that the application has loaded, and asks it for one text at a time.

Nothing is set on the session: through a pooler it is shared with the application, whose timeouts would change with it.
Each question is a read-only transaction with timeouts of its own, rolled back at its end.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.registry.database_sessions import DatabaseTarget
    from otelmon.registry.sent_statement import SentStatement

APPLICATION_NAME = "otelmon diagnostics"
STATEMENT_TIMEOUT_MS, LOCK_TIMEOUT_MS, CONNECT_TIMEOUT_S = 1000, 100, 2
BEGIN = (
    f"BEGIN READ ONLY; SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}; "
    f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS};"
).encode()
_TEXT, _JSON = 25, 114
# Decided by us, or without sense for a connection of another kind.
_NOT_TAKEN = frozenset(("application_name", "fallback_application_name", "connect_timeout", "replication"))
_OURS = {
    "application_name": APPLICATION_NAME,
    "connect_timeout": str(CONNECT_TIMEOUT_S),
    "client_encoding": "UTF8",
    # A server that has gone without a word is noticed within seconds.
    "keepalives_idle": "2",
    "keepalives_interval": "1",
    "keepalives_count": "3",
    "tcp_user_timeout": "5000",
}


class UnavailableError(Exception):
    """Says why there is no answer; ``is_broken`` where the connection is of no more use."""

    def __init__(self, reason: str, *, is_broken: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_broken = is_broken


class Link(Protocol):
    """A connection that is asked for one text at a time."""

    @property
    def told_pid(self) -> int:
        """Returns the server process that the connection was told at its beginning."""
        ...

    @property
    def server_version(self) -> int:
        """Returns the server's version as libpq counts, such as 150004."""
        ...

    def ask(self, question: bytes, sent: SentStatement | None = None) -> str | None:
        """Returns the first column of the first row, within a read-only transaction.

        Args:
            question: one statement whose answer is one text or JSON value.
            sent: brings the parameters that the question refers to.

        Raises:
            UnavailableError: when there is no answer.
        """
        ...

    def close(self) -> None:
        """Closes the connection."""
        ...

    def forget(self) -> None:
        """Lets go of a connection that a forked child has inherited, without a word to the parent's server."""
        ...


def open_link(target: DatabaseTarget) -> Link:
    """Opens a connection to where the application is connected, as the application.

    Raises:
        UnavailableError: when that is not possible.
    """
    parameters = parameters_of(target.parameters)
    return (_Psycopg2Link if target.driver == "psycopg2" else _PsycopgLink)(parameters)


def parameters_of(known: Mapping[str, str]) -> dict[str, str]:
    """Returns the parameters of the diagnostics connection, made of those of the application's."""
    taken = {key: value for key, value in known.items() if key not in _NOT_TAKEN}
    if "," in taken.get("hostaddr", ""):
        # One host has been chosen of several; which address was its own is not known.
        del taken["hostaddr"]
    return {**taken, **_OURS}


def _driver(name: str) -> Any:  # noqa: ANN401 - a module of the application's
    module = sys.modules.get(name)
    if module is None:
        raise UnavailableError("driver_not_loaded")
    return module


class _Psycopg2Link:
    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._driver = _driver("psycopg2")
        if self._driver.extensions.get_wait_callback() is not None:
            # It belongs to the application's event loop, which does not run on this thread.
            raise UnavailableError("wait_callback")
        try:
            self._connection = self._driver.connect(**parameters)
            self._connection.autocommit = True
        except self._driver.Error as error:
            raise UnavailableError("connect") from error
        # Past any type that the application has registered for everybody.
        self._plain = self._driver.extensions.new_type((_TEXT, _JSON), "OTELMON", lambda value, _: value)

    @property
    def told_pid(self) -> int:
        return int(self._connection.info.backend_pid)

    @property
    def server_version(self) -> int:
        return int(self._connection.server_version)

    def ask(self, question: bytes, sent: SentStatement | None = None) -> str | None:
        del sent  # psycopg2 writes parameters into the statement
        try:
            with self._connection.cursor() as cursor:
                self._driver.extensions.register_type(self._plain, cursor)
                cursor.execute(BEGIN + question)
                row = cursor.fetchone()
                cursor.execute("ROLLBACK")
        except self._driver.Error as error:
            raise self._failure(error) from error
        return None if row is None else row[0]

    def _failure(self, error: Exception) -> UnavailableError:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("ROLLBACK")
        except self._driver.Error:
            return UnavailableError("connection_lost")
        return UnavailableError(getattr(error, "pgcode", None) or "query", is_broken=False)

    def close(self) -> None:
        with suppress(self._driver.Error):
            self._connection.close()

    def forget(self) -> None:
        with suppress(self._driver.Error, OSError):
            os.close(self._connection.fileno())


class _PsycopgLink:
    def __init__(self, parameters: Mapping[str, str]) -> None:
        pq = self._pq = _driver("psycopg").pq
        text = " ".join(f"{key}='{_quoted(value)}'" for key, value in parameters.items())
        self._connection = pq.PGconn.connect(text.encode())
        if self._connection.status != pq.ConnStatus.OK:
            self._connection.finish()
            raise UnavailableError("connect")

    @property
    def told_pid(self) -> int:
        return int(self._connection.backend_pid)

    @property
    def server_version(self) -> int:
        return int(self._connection.server_version)

    def ask(self, question: bytes, sent: SentStatement | None = None) -> str | None:
        self._done(self._connection.exec_(BEGIN))
        if sent is None or not sent.types:
            result = self._connection.exec_params(question, [])
        else:
            result = self._connection.exec_params(question, sent.parameters, sent.types, sent.formats)
        try:
            self._done(result)
            value = result.get_value(0, 0) if result.ntuples else None
        finally:
            self._connection.exec_(b"ROLLBACK")
        return None if value is None else bytes(value).decode()

    def _done(self, result: Any) -> None:  # noqa: ANN401 - a result of the application's driver
        if result.status in (self._pq.ExecStatus.COMMAND_OK, self._pq.ExecStatus.TUPLES_OK):
            return
        lost = self._connection.status != self._pq.ConnStatus.OK
        raise UnavailableError("connection_lost" if lost else "query", is_broken=lost)

    def close(self) -> None:
        self._connection.finish()

    def forget(self) -> None:
        with suppress(OSError):
            os.close(self._connection.socket)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
