"""Every way to run SQL with SQLAlchemy: what it does, and the spans that it must give over each driver."""

# ruff: noqa: D103 - the table at the end says what each function is
from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, text, update
from sqlalchemy.orm import Session, joinedload, selectinload

from tests.integration.sqlalchemy.drivers import DRIVERS
from tests.integration.sqlalchemy.models import Author, Book

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

LITERAL = "secret-value"


@dataclass(frozen=True)
class Way:
    """Describes one way; ``spans`` are the names of what it gives over each driver, in order of their ends.

    psycopg 3 gives what psycopg2 gives unless it is said.
    """

    name: str
    run: Callable[[Engine], Any]
    spans: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Fills in what is the same."""
        self.spans.setdefault("psycopg", self.spans["psycopg2"])

    def drivers(self) -> tuple[str, ...]:
        """Returns the drivers that know the way."""
        return tuple(driver for driver in DRIVERS if driver in self.spans)


def spans(*statements: str, end: str = "ROLLBACK") -> dict[str, tuple[str, ...]]:
    """Returns the spans of one transaction, by driver: psycopg2 begins it on its own, and SQLite's is not observed."""
    return {
        "psycopg2": (*statements, end),
        "asyncpg": ("BEGIN", *statements, end),
        "sqlite": statements,
    }


def on_connection(work: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Returns a way that works with one connection and gives its transaction up."""

    def run(engine: Any) -> Any:
        with engine.connect() as connection:
            return work(connection)

    return run


def in_transaction(work: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Returns a way that works in one transaction."""

    def run(engine: Any) -> Any:
        with engine.begin() as connection:
            return work(connection)

    return run


def in_session(work: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Returns a way that works with a session of the ORM."""

    def run(engine: Any) -> Any:
        with Session(engine) as session:
            return work(session)

    return run


def rows(result: Any) -> Any:
    return [tuple(row) for row in result]


def textual(connection: Any) -> Any:
    return rows(connection.execute(text("SELECT name FROM authors WHERE name <> :name"), {"name": LITERAL}))


def driver_sql(connection: Any) -> Any:
    return rows(connection.exec_driver_sql("SELECT name FROM authors WHERE name <> 'secret-value'"))


def core_select(connection: Any) -> Any:
    return rows(connection.execute(select(Author.__table__).where(Author.name != LITERAL).order_by(Author.id)))


def core_scalar(connection: Any) -> Any:
    return connection.scalar(select(func.count()).select_from(Author))


def core_join(connection: Any) -> Any:
    return rows(connection.execute(select(Author.name, Book.title).join(Book).order_by(Book.id)))


def core_insert(connection: Any) -> Any:
    return connection.execute(insert(Author).values(id=10, name=LITERAL)).rowcount


def core_insert_many(connection: Any) -> Any:
    return connection.execute(insert(Author), [{"id": 10, "name": "a"}, {"id": 11, "name": LITERAL}]).rowcount


def core_insert_returning(connection: Any) -> Any:
    many = [{"name": "a"}, {"name": LITERAL}, {"name": "c"}]
    return len(rows(connection.execute(insert(Book).returning(Book.id), [{"title": "x", "author_id": 1}] * len(many))))


def core_update_many(connection: Any) -> Any:
    statement = update(Author.__table__).where(Author.__table__.c.id == bindparam("key")).values(name=bindparam("new"))
    connection.execute(statement, [{"key": 1, "new": "a"}, {"key": 2, "new": LITERAL}])
    return rows(connection.execute(select(Author.name).order_by(Author.id)))


def core_delete(connection: Any) -> Any:
    return connection.execute(delete(Book).where(Book.title == "first")).rowcount


def failing(connection: Any) -> Any:
    connection.execute(text("INSERT INTO authors (id, name) VALUES (1, 'secret-value')"))


def failing_and_going_on(connection: Any) -> Any:
    try:
        connection.execute(text("SELECT nothing FROM authors"))
    except Exception as error:  # noqa: BLE001 - of either driver
        connection.rollback()
        return type(error).__name__, connection.scalar(text("SELECT count(*) FROM authors"))


def savepoint(connection: Any) -> Any:
    with connection.begin(), connection.begin_nested():
        return connection.scalar(text("SELECT count(*) FROM authors"))


def committed(connection: Any) -> Any:
    connection.execute(update(Author).where(Author.id == 1).values(name="x"))
    connection.commit()
    return connection.scalar(select(Author.name).where(Author.id == 1))


def autocommit(engine: Any) -> Any:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        return connection.scalar(text("SELECT count(*) FROM authors"))


def server_side(connection: Any) -> Any:
    statement = text("SELECT name FROM authors ORDER BY id")
    return rows(connection.execution_options(stream_results=True, max_row_buffer=2).execute(statement))


def partitions(connection: Any) -> Any:
    result = connection.execution_options(yield_per=2).execute(text("SELECT name FROM authors ORDER BY id"))
    return [rows(part) for part in result.partitions()]


def raw_connection(engine: Any) -> Any:
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT count(*) FROM authors")
        return cursor.fetchone()[0]


def same_statement(connection: Any) -> Any:
    return [connection.scalar(select(Author.name).where(Author.id == key)) for key in (1, 2, 3)]


def orm_get(session: Any) -> Any:
    author = session.get(Author, 1)
    return author.name, session.get(Author, 1) is author


def orm_lazy(session: Any) -> Any:
    return [len(author.books) for author in session.scalars(select(Author).order_by(Author.id))]


def orm_lazy_parent(session: Any) -> Any:
    return session.get(Book, 1).author.name


def orm_selectin(session: Any) -> Any:
    found = session.scalars(select(Author).order_by(Author.id).options(selectinload(Author.books)))
    return [len(author.books) for author in found]


def orm_joined(session: Any) -> Any:
    found = session.scalars(select(Author).order_by(Author.id).options(joinedload(Author.books))).unique()
    return [len(author.books) for author in found]


def orm_flush(session: Any) -> Any:
    session.add(Author(id=20, name=LITERAL, books=[Book(id=30, title="a"), Book(id=31, title="b")]))
    session.commit()


def orm_refresh(session: Any) -> Any:
    author = session.get(Author, 1)
    session.commit()
    return author.name


def orm_failing(session: Any) -> Any:
    session.add(Author(id=1, name=LITERAL))
    session.flush()


def orm_query(session: Any) -> Any:
    return session.query(Author).filter(Author.name != LITERAL).count()


A, B = "SELECT authors", "SELECT books"
WAYS = (
    Way("text()", on_connection(textual), spans(A)),
    Way("exec_driver_sql", on_connection(driver_sql), spans(A)),
    Way("Core, select", on_connection(core_select), spans(A)),
    Way("Core, scalar", on_connection(core_scalar), spans(A)),
    Way("Core, join", on_connection(core_join), spans("SELECT authors books")),
    Way("Core, insert", in_transaction(core_insert), spans("INSERT authors", end="COMMIT")),
    Way("Core, insert of many", in_transaction(core_insert_many), spans("INSERT authors", end="COMMIT")),
    Way("Core, insert of many, returning", on_connection(core_insert_returning), spans("INSERT books")),
    Way("Core, update of many", on_connection(core_update_many), spans("UPDATE authors", A)),
    Way("Core, delete", on_connection(core_delete), spans("DELETE books")),
    Way("statement that fails", on_connection(failing), spans("INSERT authors")),
    Way(
        "statement that fails, then another",
        on_connection(failing_and_going_on),
        {
            "psycopg2": (A, "ROLLBACK", A, "ROLLBACK"),
            "asyncpg": ("BEGIN", A, "ROLLBACK", "BEGIN", A, "ROLLBACK"),
            "sqlite": (A, A),
        },
    ),
    Way(
        "savepoint",
        on_connection(savepoint),
        spans("SAVEPOINT", A, "RELEASE", end="COMMIT"),
    ),
    Way(
        "commit, then another",
        on_connection(committed),
        {
            "psycopg2": ("UPDATE authors", "COMMIT", A, "ROLLBACK"),
            "asyncpg": ("BEGIN", "UPDATE authors", "COMMIT", "BEGIN", A, "ROLLBACK"),
            "sqlite": ("UPDATE authors", A),
        },
    ),
    Way("autocommit", autocommit, {"psycopg2": (A,), "asyncpg": (A,), "sqlite": (A,)}),
    Way(
        "stream_results",
        on_connection(server_side),
        {
            "psycopg2": ("DECLARE authors", "FETCH", "FETCH", "FETCH", "CLOSE", "ROLLBACK"),
            "asyncpg": ("BEGIN", "DECLARE authors", "FETCH authors", "ROLLBACK"),
            "sqlite": (A,),
        },
    ),
    Way(
        "yield_per",
        on_connection(partitions),
        {
            "psycopg2": ("DECLARE authors", "FETCH", "FETCH", "CLOSE", "ROLLBACK"),
            "asyncpg": ("BEGIN", "DECLARE authors", "FETCH authors", "ROLLBACK"),
            "sqlite": (A,),
        },
    ),
    Way(
        "raw_connection",
        raw_connection,
        {"psycopg2": (A, "ROLLBACK"), "asyncpg": ("BEGIN", "PREPARE authors", A, "ROLLBACK"), "sqlite": ()},
    ),
    Way("the same statement again", on_connection(same_statement), spans(A, A, A)),
    Way("ORM, get", in_session(orm_get), spans(A)),
    Way("ORM, lazy load of a list", in_session(orm_lazy), spans(A, B, B, B)),
    Way("ORM, lazy load of a parent", in_session(orm_lazy_parent), spans(B, A)),
    Way("ORM, selectinload", in_session(orm_selectin), spans(A, B)),
    Way("ORM, joinedload", in_session(orm_joined), spans("SELECT authors books")),
    Way("ORM, flush", in_session(orm_flush), spans("INSERT authors", "INSERT books", end="COMMIT")),
    Way(
        "ORM, attribute expired by a commit",
        in_session(orm_refresh),
        {
            "psycopg2": (A, "COMMIT", A, "ROLLBACK"),
            "asyncpg": ("BEGIN", A, "COMMIT", "BEGIN", A, "ROLLBACK"),
            "sqlite": (A, A),
        },
    ),
    Way("ORM, flush that fails", in_session(orm_failing), spans("INSERT authors")),
    Way("ORM, query", in_session(orm_query), spans(A)),
)
