"""Hostile input and broken connections: the application sees exactly what psycopg2 alone gives."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from psycopg2 import extensions, sql

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.psycopg2.conftest import Observation


class Hostile:
    """Raises whenever anything about it is asked."""

    def __str__(self) -> str:
        raise RuntimeError("str")

    __repr__ = __str__

    def __len__(self) -> int:
        raise RuntimeError("len")

    def __hash__(self) -> int:
        raise RuntimeError("hash")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("eq")


class HostileText(str):
    """A text that raises when it is hashed, compared, cut or shown."""

    __slots__ = ()

    def _raise(self, *_: object) -> Any:
        raise RuntimeError("text")

    __hash__ = __eq__ = __len__ = __getitem__ = __str__ = __repr__ = __format__ = strip = encode = upper = _raise


class Mapping(dict):
    """Raises when a parameter is looked up."""

    def __getitem__(self, key: object) -> Any:
        raise LookupError(key)


STATEMENTS = {
    "none": None,
    "number": 7,
    "empty": "",
    "blank": " \n\t",
    "only a comment": "-- nothing",
    "unclosed comment": "/* SELECT 1",
    "unclosed quote": "SELECT 'secret-value",
    "unclosed dollar quote": "SELECT $a$ secret-value",
    "memoryview": memoryview(b"SELECT 1"),
    "bytearray": bytearray(b"SELECT 1"),
    "bytes that are no text": b"SELECT '\xff\xfe'",
    "NUL": "SELECT 'a\x00b'",
    "lone surrogate": "SELECT '\ud800'",
    "right to left": "SELECT '\u202e' AS x",
    "percent without parameters": "SELECT 5 % 2",
    "several": "SELECT 1; SELECT 2",
    "unknown verb": "FROBNICATE 'secret-value'",
    "hostile object": Hostile(),
    "hostile text": HostileText("SELECT 1"),
    "empty composed": sql.Composed([]),
    "one megabyte": "SELECT '" + "x" * 1_000_000 + "'",
    "ten megabytes": "SELECT length('" + "x" * 10_000_000 + "')",
    "long list": "SELECT 1 WHERE 1 IN (" + ",".join(["1"] * 100_000) + ")",
}
PARAMETERS = {
    "hostile object": (Hostile(),),
    "hostile list": Hostile(),
    "hostile mapping": Mapping(),
    "lone surrogate": ("\ud800",),
    "NUL": ("a\x00b",),
    "too few": (),
    "too many": (1, 2, 3),
    "set": ({1},),
    "huge number": (2**70,),
    "not a number": (float("nan"),),
}


def outcome(dsn: str, work: Callable[[Any], Any]) -> tuple[str, Any]:
    """Returns the result of some work with a cursor, or type and text of its exception."""
    with closing(psycopg2.connect(dsn)) as connection:
        cursor = connection.cursor()
        try:
            work(cursor)
            return "result", repr((cursor.fetchall(), cursor.rowcount, cursor.statusmessage))
        except Exception as error:  # noqa: BLE001 - any exception is compared
            return type(error).__qualname__, str(error)


def same(observe: Callable[..., Observation], dsn: str, work: Callable[[Any], Any]) -> Observation:
    """Asserts that otelmon changes nothing for some work, and returns what it saw."""
    expected = outcome(dsn, work)
    observation = observe()
    assert outcome(dsn, work) == expected
    return observation


@pytest.mark.parametrize("name", STATEMENTS)
def test_any_statement(name: str, observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """Whatever is given as a statement, the outcome is psycopg2's, there is one span, and no literal in it."""
    observation = same(observe, postgres_dsn, lambda cursor: cursor.execute(STATEMENTS[name]))
    assert len(observation.names()) == 1
    (span,) = [span for span in observation.spans() if span.name != "CONNECT"]
    assert "secret-value" not in f"{span.name} {dict(span.attributes)} {span.status.description} {observation.events}"
    assert len(span.attributes.get("db.query.text", "")) <= 4096


@pytest.mark.parametrize("name", PARAMETERS)
def test_any_parameters(name: str, observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """Whatever is given as parameters, the outcome is psycopg2's and there is one span."""
    observation = same(observe, postgres_dsn, lambda cursor: cursor.execute("SELECT %s", PARAMETERS[name]))
    assert observation.names() == ["SELECT"]


def test_values_are_asked_once(observation: Observation, postgres_dsn: str) -> None:
    """Composed SQL is not rendered a second time: an adapter of the application runs as often as without otelmon."""
    del observation
    asked: list[int] = []

    class Value:
        def __conform__(self, protocol: object) -> Value:
            del protocol
            return self

        def getquoted(self) -> bytes:
            asked.append(1)
            return b"7"

    with closing(psycopg2.connect(postgres_dsn)) as connection:
        cursor = connection.cursor()
        cursor.execute(sql.SQL("SELECT {}").format(sql.Literal(Value())))
        assert (cursor.fetchone(), len(asked)) == ((7,), 1)


def test_a_message_that_cannot_be_read(observation: Observation, postgres_dsn: str) -> None:
    """An exception of the application whose text raises passes through, and the span says its class."""
    guard.set_strict(False)

    class Unreadable(Exception):  # noqa: N818 - its name is what the span shall say
        def __str__(self) -> str:
            raise RuntimeError

    class Adapter:
        def __conform__(self, protocol: object) -> None:
            del protocol
            raise Unreadable

    with closing(psycopg2.connect(postgres_dsn)) as connection, pytest.raises(Unreadable):
        connection.cursor().execute("SELECT %s", (Adapter(),))
    assert observation.spans()[-1].status.description.endswith("Unreadable")


def test_errors_of_our_own_stay_ours(
    observation: Observation, postgres_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where recording fails the application's call succeeds all the same, and the error is counted."""
    guard.set_strict(False)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    with closing(psycopg2.connect(postgres_dsn)) as connection:
        cursor = connection.cursor()
        monkeypatch.setattr(observation.registry.calls, "facts", fail)
        monkeypatch.setattr(type(observation.registry.calls), "finish", fail)
        cursor.execute("SELECT 1")
        connection.commit()
        assert cursor.fetchone() == (1,)
    assert (guard.site("hooks.psycopg2.cursor").errors, guard.site("calls.finish").errors) == (1, 1)


def test_a_backend_terminated_in_mid_query(
    observe: Callable[..., Observation], postgres: Any, postgres_dsn: str
) -> None:
    """The application gets psycopg2's own error, the span has failed, and so does what is tried afterwards."""

    def killed(cursor: Any) -> None:
        pid = cursor.connection.info.backend_pid
        thread = threading.Thread(target=terminate, args=(postgres.admin_url, pid))
        thread.start()
        try:
            cursor.execute("SELECT pg_sleep(30)")
        finally:
            thread.join()

    expected = outcome(postgres_dsn, killed)
    observation = observe()
    assert outcome(postgres_dsn, killed) == expected
    (span,) = [
        span
        for span in observation.spans()
        if "pg_sleep" in str(span.attributes.get("db.query.text")) and span.status.description
    ]
    assert expected[0] in ("AdminShutdown", "OperationalError")
    assert span.attributes["error.type"] in ("57P01", "OperationalError")


def terminate(admin_url: str, pid: int) -> None:
    """Ends a backend as soon as it sleeps."""
    with closing(psycopg2.connect(admin_url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        end = time.monotonic() + 10
        while time.monotonic() < end:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid = %s AND state = 'active' AND query LIKE '%%pg_sleep(30)%%'",
                (pid,),
            )
            if cursor.fetchone():
                return


def test_a_query_cancelled_by_another_thread(observe: Callable[..., Observation], postgres_dsn: str) -> None:
    """Cancelling reaches the query that runs, whose span carries the SQLSTATE."""
    observation = observe()
    with closing(psycopg2.connect(postgres_dsn)) as connection:
        timer = threading.Timer(0.2, connection.cancel)
        timer.start()
        with pytest.raises(extensions.QueryCanceledError):
            connection.cursor().execute("SELECT pg_sleep(30)")
        timer.join()
    assert observation.last("SELECT")["error.type"] == "57014"


def test_threads_share_a_connection(observation: Observation, postgres_dsn: str) -> None:
    """Cursors of one connection in many threads give each call its own span."""
    with closing(psycopg2.connect(postgres_dsn)) as connection:

        def work() -> None:
            for _ in range(20):
                connection.cursor().execute("SELECT 1")

        threads = [threading.Thread(target=work) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert observation.names() == ["SELECT"] * 160
    assert observation.count(db_operation_name="SELECT") == 160
