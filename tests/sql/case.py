"""Reads and runs the cases: SQL in blocks, each for one session, and what they print.

``-- @owner``, ``-- @reader`` or ``-- @session NAME`` begins a block; ``-- @both`` runs as owner and as reader, which
must print the same; ``-- @waiting NAME`` is not waited for. After a colon stands the title under which the block's
last result is printed.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg

from tests.sql.database import OWNER, READER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sql.database import Database

_BLOCK = re.compile(r"^-- @(\w+)(?: (\w+))?(?:: (.+))?$", re.MULTILINE)
SECONDS_TO_APPEAR = 6.0


@dataclass(frozen=True)
class Block:
    """Holds the SQL of one session, and the title of what it prints, if it does."""

    kind: str
    session: str
    title: str
    text: str


def blocks(path: Path) -> Iterator[Block]:
    """Yields the blocks of a case."""
    parts = _BLOCK.split(path.read_text(encoding="utf-8"))[1:]
    for kind, session, title, text in zip(parts[::4], parts[1::4], parts[2::4], parts[3::4], strict=True):
        yield Block(kind, session or kind, title or "", text)


def sections(text: str) -> dict[str, str]:
    """Returns expected output by title."""
    found = [section.partition("\n") for section in text.strip().split("\n\n") if section]
    return {title: body for title, _, body in found}


class Run:
    """Runs the blocks of one case in one database."""

    def __init__(self, database: Database, expected: dict[str, str]) -> None:
        self._database = database
        self._expected = expected
        self._sessions: dict[str, psycopg.Connection[Any]] = {}
        self._waiting: list[tuple[psycopg.Connection[Any], threading.Thread]] = []

    def output(self, path: Path) -> dict[str, str]:
        """Returns what the case prints by title, as owner and as reader."""
        printed: dict[str, str] = {}
        try:
            for block in blocks(path):
                self._run(block, printed)
        finally:
            self._end()
        return printed

    def _run(self, block: Block, printed: dict[str, str]) -> None:
        if block.kind == "waiting":
            connection = self._session(block.session)
            thread = threading.Thread(target=quietly, args=(connection, block.text))
            thread.start()
            self._waiting.append((connection, thread))
            return
        for name in ("owner", "reader") if block.kind == "both" else (block.session,):
            if not block.title:
                self._session(name).execute(block.text.encode())
                continue
            shown = self._until_expected(self._session(name), block)
            if printed.setdefault(block.title, shown) != shown:
                printed[f"{block.title} ({name})"] = shown

    def _until_expected(self, connection: psycopg.Connection[Any], block: Block) -> str:
        """Runs a query until it prints what is expected, because statistics arrive a little later."""
        deadline = time.monotonic() + SECONDS_TO_APPEAR
        shown = result(connection, block.text)
        while shown != self._expected.get(block.title) and time.monotonic() < deadline:
            time.sleep(0.05)
            shown = result(connection, block.text)
        return shown

    def _session(self, name: str) -> psycopg.Connection[Any]:
        if name not in self._sessions:
            user = READER if name == "reader" else OWNER
            self._sessions[name] = self._database.connect(user, application_name=name)
        return self._sessions[name]

    def _end(self) -> None:
        for connection, _ in self._waiting:
            connection.cancel()
        for _, thread in self._waiting:
            thread.join()


def quietly(connection: psycopg.Connection[Any], text: str) -> None:
    """Runs statements that are ended from outside."""
    try:
        connection.execute(text.encode())
    except psycopg.Error:
        return


def result(connection: psycopg.Connection[Any], text: str) -> str:
    """Runs statements and returns the last result as an aligned table, or the server's error in one line."""
    try:
        cursor = connection.execute(text.encode())
    except psycopg.Error as error:
        return f"{type(error).__name__}: {error.diag.message_primary}"
    while cursor.nextset():
        pass
    if cursor.description is None:
        return ""
    rows = [[column.name for column in cursor.description]]
    rows += [["" if value is None else str(value) for value in row] for row in cursor.fetchall()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "-+-".join("-" * width for width in widths))
    return "\n".join([*lines, f"({len(rows) - 1} row{'s' * (len(rows) != 2)})"])
