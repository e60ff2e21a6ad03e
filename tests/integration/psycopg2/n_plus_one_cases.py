"""Requests of which it is known whether they ask once for each of many things, or the same thing again and again."""

from __future__ import annotations

import asyncio
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import asyncpg
import psycopg2
import psycopg2.errors
from opentelemetry import trace
from psycopg2 import extras
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship, selectinload
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.trace import Tracer

ONE = "SELECT name, price FROM items WHERE id = %s"
MANY_ROWS = """
DROP TABLE IF EXISTS parts, wholes;
CREATE TABLE wholes (id int PRIMARY KEY, name text);
CREATE TABLE parts (id int PRIMARY KEY, whole_id int REFERENCES wholes, name text);
INSERT INTO wholes SELECT n, 'whole ' || n FROM generate_series(1, 12) n;
INSERT INTO parts SELECT n, n % 12 + 1, 'part ' || n FROM generate_series(1, 48) n;
"""
TIMES = 8


class Base(DeclarativeBase):
    """Maps the tables."""


class Whole(Base):
    """Has parts."""

    __tablename__ = "wholes"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    parts: Mapped[list[Part]] = relationship(back_populates="whole")


class Part(Base):
    """Belongs to a whole."""

    __tablename__ = "parts"
    id: Mapped[int] = mapped_column(primary_key=True)
    whole_id: Mapped[int] = mapped_column(ForeignKey("wholes.id"))
    name: Mapped[str]
    whole: Mapped[Whole] = relationship(back_populates="parts")


@dataclass(frozen=True)
class Case:
    """Holds one request: what it is, and what otelmon says of it where that is something else."""

    name: str
    label: str | None
    run: Callable[[str, Tracer], object]
    told: str | None = "as labelled"

    @property
    def expected(self) -> str | None:
        """Returns what otelmon says."""
        return self.label if self.told == "as labelled" else self.told


def with_cursor(work: Callable[[Any], object]) -> Callable[[str, Tracer], object]:
    """Makes a request of what is done with one cursor."""

    def run(dsn: str, _tracer: Tracer) -> None:
        with closing(psycopg2.connect(dsn)) as connection:
            connection.cursor().execute(MANY_ROWS)
            connection.commit()
            work(connection.cursor())

    return run


def with_session(work: Callable[[Session], object]) -> Callable[[str, Tracer], object]:
    """Makes a request of what is done with one session of SQLAlchemy."""

    def run(dsn: str, tracer: Tracer) -> None:
        with_cursor(lambda _cursor: None)(dsn, tracer)
        address = dsn.replace("postgresql://", "postgresql+psycopg2://", 1)
        engine = create_engine(address, poolclass=NullPool)
        with Session(engine) as session:
            work(session)

    return run


def with_asyncpg(work: Callable[[Any, str], Any]) -> Callable[[str, Tracer], object]:
    """Makes a request of a coroutine that is given a connection and the address."""

    async def run(address: str) -> None:
        # What follows are options of libpq.
        dsn = address.partition("?")[0]
        connection = await asyncpg.connect(dsn)
        try:
            await work(connection, dsn)
        finally:
            await connection.close()

    return lambda dsn, _tracer: asyncio.run(run(dsn))


def loop(cursor: Any, values: Any, statement: str = ONE) -> None:
    """Asks once for each of many values."""
    for value in values:
        cursor.execute(statement, (value,))
        cursor.fetchall()


def inlined(cursor: Any) -> None:
    """Writes the values into the text."""
    for number in range(TIMES):
        cursor.execute(f"SELECT name FROM items WHERE id = {number}")


def nested(cursor: Any) -> None:
    """Asks for each row of an answer."""
    cursor.execute("SELECT id FROM wholes ORDER BY id")
    for (number,) in cursor.fetchall():
        cursor.execute("SELECT name FROM parts WHERE whole_id = %(whole)s", {"whole": number})


def latest_of_each(cursor: Any) -> None:
    """Asks for the newest of each of many."""
    loop(cursor, range(TIMES), "SELECT name FROM parts WHERE whole_id = %s ORDER BY id DESC LIMIT 1")


def later_of_each(cursor: Any) -> None:
    """Asks for some of each of many, from a value on."""
    for number in range(TIMES):
        cursor.execute("SELECT name FROM parts WHERE whole_id = %s AND id > %s ORDER BY id LIMIT 3", (number, 7))


def named_cursors(cursor: Any) -> None:
    """Declares a cursor for each of many."""
    for number in range(TIMES):
        with cursor.connection.cursor(f"c{number}") as each:
            each.execute(ONE, (number,))
            each.fetchall()


def foreign_spans(dsn: str, tracer: Tracer) -> None:
    """Has a span of somebody else around each query."""
    with closing(psycopg2.connect(dsn)) as connection:
        cursor = connection.cursor()
        for number in range(TIMES):
            with tracer.start_as_current_span("load item"), tracer.start_as_current_span("validate"):
                cursor.execute(ONE, (number,))


def other_requests(dsn: str, tracer: Tracer) -> None:
    """Asks once in each of many requests, as a worker does."""
    with closing(psycopg2.connect(dsn)) as connection:
        cursor = connection.cursor()
        for number in range(TIMES):
            empty = trace.set_span_in_context(trace.INVALID_SPAN)
            with tracer.start_as_current_span("job", context=empty):
                cursor.execute(ONE, (number,))


def retries(cursor: Any) -> None:
    """Tries one statement until it succeeds."""
    for attempt in range(TIMES):
        cursor.connection.rollback()
        with suppress(psycopg2.errors.SerializationFailure):
            cursor.execute(
                "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$"
                if attempt < TIMES - 1
                else "SELECT 1"
            )


def retried_transaction(cursor: Any) -> None:
    """Does a transaction again, from its first statement on, until it succeeds."""
    for _ in range(TIMES):
        cursor.execute("SELECT name FROM items WHERE id = 1")
        with suppress(psycopg2.errors.SerializationFailure):
            cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$")
        cursor.connection.rollback()


def failures(cursor: Any) -> None:
    """Has the same statement refused again and again."""
    for number in range(TIMES):
        with suppress(psycopg2.errors.DivisionByZero):
            cursor.execute("SELECT name FROM items WHERE 1 / 0 > %s", (number,))
        cursor.connection.rollback()


def cached(cursor: Any) -> None:
    """Asks a cache, which asks the database twice."""

    @lru_cache
    def load(number: int) -> Any:
        cursor.execute(ONE, (number,))
        return cursor.fetchall()

    for number in range(TIMES * 4):
        load(number % 2)


def pages(cursor: Any) -> None:
    """Reads page by page, by offset."""
    for page in range(TIMES):
        cursor.execute("SELECT name FROM parts ORDER BY id LIMIT %s OFFSET %s", (5, page * 5))


def keyset(cursor: Any) -> None:
    """Reads page by page, each from the last row of the one before."""
    last = 0
    for _ in range(TIMES):
        cursor.execute("SELECT id FROM parts WHERE id > %s ORDER BY id LIMIT 5", (last,))
        last = cursor.fetchall()[-1][0]


def fetches(cursor: Any) -> None:
    """Reads through one server-side cursor in many steps."""
    with cursor.connection.cursor("all") as named:
        named.execute("SELECT id FROM parts")
        while named.fetchmany(5):
            pass


def batches(cursor: Any) -> None:
    """Hands many sets of values over with each call, as a batch job does."""
    for start in range(TIMES):
        rows = [(100 + start * 10 + number, None, 0) for number in range(10)]
        if start % 2:
            cursor.executemany("INSERT INTO items VALUES (%s, %s, %s)", rows)
        else:
            cursor.executemany("INSERT INTO items VALUES (%s, %s, %s)", iter(rows))


def written_rows(cursor: Any) -> None:
    """Writes many rows with each statement."""
    rows = [(number, None, 0) for number in range(100, 180)]
    extras.execute_values(cursor, "INSERT INTO items VALUES %s", rows, page_size=10)
    extras.execute_batch(cursor, "UPDATE items SET price = 1 WHERE id = %s", [row[:1] for row in rows], page_size=10)


def chunks(cursor: Any) -> None:
    """Reads many at a time, by lists of keys."""
    for start in range(0, 80, 10):
        cursor.execute("SELECT name FROM parts WHERE id = ANY(%s)", (list(range(start, start + 10)),))
        keys = ", ".join(["%s"] * 10)
        cursor.execute(f"SELECT whole_id FROM parts WHERE id IN ({keys})", tuple(range(start, start + 10)))


def work_queue(cursor: Any) -> None:
    """Takes one job after the other from a queue."""
    for _ in range(TIMES):
        cursor.execute("SELECT id FROM parts ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED")
        cursor.connection.commit()


def transactions(cursor: Any) -> None:
    """Has many transactions and savepoints, with settings."""
    for _ in range(TIMES):
        cursor.execute("SET LOCAL statement_timeout = 1000")
        cursor.execute("SAVEPOINT s")
        cursor.execute("RELEASE SAVEPOINT s")
        cursor.connection.commit()


def pings(cursor: Any) -> None:
    """Asks whether the server is there."""
    for _ in range(TIMES):
        cursor.execute("SELECT 1")


def copies(cursor: Any) -> None:
    """Copies tables out."""
    with open("/dev/null", "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - a path of the system, not of ours
        for _ in range(TIMES):
            cursor.copy_expert("COPY items TO STDOUT", nowhere)


def few(cursor: Any) -> None:
    """Asks for three things."""
    loop(cursor, range(3))


class Number(int):
    """An application's own type, of which nothing is asked."""

    def __repr__(self) -> str:
        """Must not be called by otelmon."""
        raise AssertionError


async def gathered(_connection: Any, dsn: str) -> None:
    """Asks at the same time, on connections of a pool."""
    async with asyncpg.create_pool(dsn, min_size=2, max_size=2) as pool:
        await asyncio.gather(*(pool.fetchrow("SELECT name FROM items WHERE id = $1", each) for each in range(TIMES)))


async def gathered_once(connection: Any, _dsn: str) -> None:
    """Asks for all at once."""
    await connection.fetch("SELECT name FROM items WHERE id = ANY($1)", list(range(TIMES)))
    await connection.executemany("UPDATE items SET price = $2 WHERE id = $1", [(n, n) for n in range(TIMES)])


async def asyncpg_loop(connection: Any, _dsn: str) -> None:
    """Asks one after the other."""
    for number in range(TIMES):
        await connection.fetchval("SELECT name FROM items WHERE id = $1", number)


def lazy(session: Session) -> None:
    """Loads the parts of each whole when they are asked for."""
    for whole in session.scalars(select(Whole)):
        len(whole.parts)


def lazy_parent(session: Session) -> None:
    """Loads the whole of each part when it is asked for; the session remembers those it has."""
    for part in session.scalars(select(Part)):
        str(part.whole.name)


def get_each(session: Session) -> None:
    """Gets one object after the other."""
    for number in range(1, TIMES):
        session.get(Whole, number)


def get_same(session: Session) -> None:
    """Gets the same object again, which the session remembers as long as anybody has it."""
    kept = [session.get(Whole, 1) for _ in range(TIMES)]
    assert len(set(kept)) == 1


def ask_same(session: Session) -> None:
    """Asks the same question again, which no session remembers."""
    for _ in range(TIMES):
        session.scalars(select(Whole).where(Whole.id == 1)).all()


def eager(session: Session) -> None:
    """Loads all parts with the wholes, in one query or in two."""
    for option in (joinedload(Whole.parts), selectinload(Whole.parts)):
        for whole in session.scalars(select(Whole).options(option)).unique():
            len(whole.parts)
        session.expunge_all()


def flushed(session: Session) -> None:
    """Writes many objects in one unit of work."""
    session.add_all(Whole(id=number, name="new") for number in range(100, 120))
    session.flush()
    for whole in session.scalars(select(Whole)):
        whole.name += "!"
    session.flush()


def added_one_by_one(session: Session) -> None:
    """Writes one object after the other, each with a flush of its own."""
    for number in range(100, 110):
        session.add(Whole(id=number, name="new"))
        session.flush()


def loop_of_writes(cursor: Any) -> None:
    """Writes one row after the other."""
    for number in range(TIMES):
        cursor.execute("UPDATE items SET price = %s WHERE id = %s", (number, number))


def own_types(cursor: Any) -> None:
    """Asks with values of a type that the driver adapts and otelmon does not know."""
    loop(cursor, map(Number, range(TIMES)))


def texts(cursor: Any) -> None:
    """Asks by name."""
    loop(cursor, "abcdefgh", "SELECT id FROM items WHERE name = %s")


def without_values(cursor: Any) -> None:
    """Asks for everything again and again."""
    for _ in range(TIMES):
        cursor.execute("SELECT name FROM items")


CASES = (
    Case("SQLAlchemy: lazy collection", "n_plus_one", with_session(lazy)),
    Case("SQLAlchemy: lazy parent", "n_plus_one", with_session(lazy_parent)),
    Case("SQLAlchemy: get in a loop", "n_plus_one", with_session(get_each)),
    Case("SQLAlchemy: flush for each object", "n_plus_one", with_session(added_one_by_one)),
    Case("SQLAlchemy: the same question again", "duplicate", with_session(ask_same)),
    Case("SQLAlchemy: get of what the session has", None, with_session(get_same)),
    Case("SQLAlchemy: joinedload and selectinload", None, with_session(eager)),
    Case("SQLAlchemy: one unit of work of many objects", None, with_session(flushed)),
    Case("query for each row of an answer", "n_plus_one", with_cursor(nested)),
    Case("loop with a tuple", "n_plus_one", with_cursor(lambda c: loop(c, range(TIMES)))),
    Case("loop over texts", "n_plus_one", with_cursor(texts)),
    Case("values written into the text", "n_plus_one", with_cursor(inlined)),
    Case("newest of each", "n_plus_one", with_cursor(latest_of_each)),
    Case("some of each, from a value on", "n_plus_one", with_cursor(later_of_each), told=None),
    Case("a server-side cursor for each", "n_plus_one", with_cursor(named_cursors)),
    Case("UPDATE in a loop", "n_plus_one", with_cursor(loop_of_writes)),
    Case("foreign spans between", "n_plus_one", foreign_spans),
    Case("gather over a pool of asyncpg", "n_plus_one", with_asyncpg(gathered)),
    Case("loop of asyncpg", "n_plus_one", with_asyncpg(asyncpg_loop)),
    Case("values of an application's own type", "n_plus_one", with_cursor(own_types), told=None),
    Case("three of them", "n_plus_one", with_cursor(few), told=None),
    Case("the same question in a loop", "duplicate", with_cursor(lambda c: loop(c, [1] * TIMES))),
    Case("the same question without values", "duplicate", with_cursor(without_values)),
    Case("many for each question, asyncpg", None, with_asyncpg(gathered_once)),
    Case("one question in each of many requests", None, other_requests),
    Case("retries of a statement", None, with_cursor(retries)),
    Case("retries of a transaction", None, with_cursor(retried_transaction)),
    Case("failures", None, with_cursor(failures)),
    Case("cached repeats", None, with_cursor(cached)),
    Case("pages by offset", None, with_cursor(pages)),
    Case("pages by key", None, with_cursor(keyset)),
    Case("fetches of one server-side cursor", None, with_cursor(fetches)),
    Case("executemany, sets of known and unknown number", None, with_cursor(batches)),
    Case("execute_values and execute_batch", None, with_cursor(written_rows)),
    Case("lists of keys", None, with_cursor(chunks)),
    Case("jobs from a queue", None, with_cursor(work_queue)),
    Case("transactions, savepoints, settings", None, with_cursor(transactions)),
    Case("pings", None, with_cursor(pings)),
    Case("COPY", None, with_cursor(copies)),
)  # fmt: skip
