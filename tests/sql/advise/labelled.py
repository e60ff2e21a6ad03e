"""Puts the corpus into a database on a primary and its standby, and reads what advice needs."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from otelmon.operate.sql.install import install
from tests.sql.advise.corpus import BUILD, CASES, READ, UNUSED, Case
from tests.sql.advise.standby import catch_up, one, standby_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sql.servers import Server

DATABASE = "corpus"
SECONDS_TO_BE_COUNTED = 60.0
# The statistics must be older than the recent indexes; the standby is asked for its time, too.
SECONDS_BETWEEN = 3.0


@dataclass(frozen=True)
class Corpus:
    """Holds both servers with the corpus in them."""

    primary: Server
    standby: Server

    @property
    def dsn(self) -> str:
        """Returns the primary's database as its owner."""
        return self.primary.url(DATABASE)

    @property
    def replica(self) -> str:
        """Returns the standby's."""
        return self.standby.url(DATABASE)

    @property
    def cases(self) -> list[Case]:
        """Returns the cases that this version of the server can have."""
        return [case for case in CASES if case.since <= self.primary.major]

    def schemas(self, connection: psycopg.Connection[Any], case: Case) -> None:
        """Makes the names of a case the ones that statements mean."""
        connection.execute(sql.SQL("SET search_path = {}, public").format(sql.Identifier(case.schema)))


@contextlib.contextmanager
def labelled(server: Server) -> Iterator[Corpus]:
    """Makes the corpus, uses what is to be used, and keeps one index under construction meanwhile."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}")
    install(server.url(DATABASE))
    cases = [case for case in CASES if case.since <= server.major]
    make(server, cases)
    corpus = Corpus(server, standby_of(server))
    catch_up(server, corpus.standby, DATABASE)
    for node in (server, corpus.standby):
        with psycopg.connect(node.url(DATABASE), autocommit=True) as connection:
            connection.execute("SELECT pg_stat_reset()")
    began = time.monotonic()
    use(server, [(case, case.primary) for case in cases])
    use(corpus.standby, [(case, case.standby) for case in cases])
    until_counted(corpus)
    time.sleep(max(0.0, SECONDS_BETWEEN - (time.monotonic() - began)))
    make_late(corpus)
    with building(corpus):
        yield corpus


def make(server: Server, cases: list[Case]) -> None:
    """Makes schemas, tables and indexes."""
    with psycopg.connect(server.url(DATABASE), autocommit=True) as connection:
        for case in cases:
            name = sql.Identifier(case.schema)
            connection.execute(sql.SQL("CREATE SCHEMA {}; SET search_path = {}, public").format(name, name))
            for statement in filter(str.strip, case.setup.split(";\n")):
                connection.execute(statement.encode())
        connection.execute("VACUUM ANALYZE")
        for case in cases:
            connection.execute(sql.SQL("SET search_path = {}, public").format(sql.Identifier(case.schema)))
            if case.concurrently and case.concurrently != BUILD:
                with contextlib.suppress(psycopg.Error):
                    connection.execute(case.concurrently.encode())
            if case.target.endswith("_ccnew"):
                with contextlib.suppress(psycopg.Error):
                    connection.execute("REINDEX INDEX CONCURRENTLY index_two")


def use(server: Server, queries: list[tuple[Case, str]]) -> None:
    """Reads tables, from end to end or by an index as the case wants it."""
    with psycopg.connect(server.url(DATABASE), autocommit=True) as connection:
        for case, query in queries:
            if not query:
                continue
            whole = query.startswith("SELECT count")
            connection.execute(sql.SQL("SET search_path = {}, public").format(sql.Identifier(case.schema)))
            connection.execute(f"SET enable_seqscan = {'on' if whole else 'off'}".encode())
            connection.execute(f"SET enable_indexonlyscan = {'off' if whole else 'on'}".encode())
            connection.execute(query.encode())


def until_counted(corpus: Corpus) -> None:
    """Waits until both nodes have counted what was used."""
    for node, side in ((corpus.primary, "primary"), (corpus.standby, "standby")):
        wanted = [case for case in corpus.cases if getattr(case, side) and case.question == UNUSED]
        deadline = time.monotonic() + SECONDS_TO_BE_COUNTED
        with psycopg.connect(node.url(DATABASE), autocommit=True) as connection:
            while not all(counted(connection, case, getattr(case, side)) for case in wanted):
                assert time.monotonic() < deadline, f"the {side} does not count"
                time.sleep(0.1)


def counted(connection: psycopg.Connection[Any], case: Case, query: str) -> bool:
    """Tells whether a node has counted the reading of a case."""
    column = "seq_scan" if query == READ or query.startswith("SELECT count") else "coalesce(idx_scan, 0)"
    found = one(connection, f"SELECT sum({column}) > 0 FROM pg_stat_user_tables WHERE schemaname = '{case.schema}'")
    return bool(found)


def make_late(corpus: Corpus) -> None:
    """Makes the recent indexes, just after a row whose time is known."""
    with psycopg.connect(corpus.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO otelmon.snapshot_history (server_started_at, statements, slow_statements, hit_bytes, "
            "read_bytes, commits, rollbacks, deadlocks, temp_written_bytes) VALUES (now(), 0, 0, 0, 0, 0, 0, 0, 0)"
        )
        for case in corpus.cases:
            if case.late:
                corpus.schemas(connection, case)
                connection.execute(case.late.encode())
                connection.execute("ANALYZE t")
    catch_up(corpus.primary, corpus.standby, DATABASE)


@contextlib.contextmanager
def building(corpus: Corpus) -> Iterator[None]:
    """Keeps an index under construction: its build waits for a transaction that has written to the table."""
    case = next(each for each in corpus.cases if each.concurrently == BUILD)
    with psycopg.connect(corpus.dsn) as writer, psycopg.connect(corpus.dsn, autocommit=True) as builder:
        corpus.schemas(writer, case)
        writer.execute("DELETE FROM t WHERE id = 1")
        corpus.schemas(builder, case)
        thread = threading.Thread(target=builder.execute, args=(BUILD,))
        thread.start()
        try:
            appears(corpus)
            yield
        finally:
            writer.rollback()
            thread.join()


def appears(corpus: Corpus) -> None:
    """Waits until the build is under way."""
    deadline = time.monotonic() + SECONDS_TO_BE_COUNTED
    with psycopg.connect(corpus.dsn, autocommit=True) as connection:
        while not one(connection, "SELECT count(*) FROM pg_stat_progress_create_index WHERE index_relid > 0"):
            assert time.monotonic() < deadline, "the build does not begin"
            time.sleep(0.05)
