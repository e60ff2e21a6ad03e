"""Asks splinter's and PgHero's own queries about the corpus; both are read from clones, nothing of them is kept here.

SPLINTER_CLONE and PGHERO_CLONE name the clones (a working tree or a bare repository).
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from tests.sql.advise.corpus import DUPLICATE, FOREIGN_KEY, INVALID, REDUNDANT, UNUSED

if TYPE_CHECKING:
    from tests.sql.advise.answers import Answers

VARIABLES = {"splinter": "SPLINTER_CLONE", "PgHero": "PGHERO_CLONE"}
LINTS = {
    UNUSED: ("0005_unused_index", "schema", "cache_key"),
    DUPLICATE: ("0009_duplicate_index", "schema", "name"),
    FOREIGN_KEY: ("0001_unindexed_foreign_keys", "schema", "fkey_name"),
}


@dataclass(frozen=True)
class Clone:
    """Holds a clone of another project."""

    path: Path

    @classmethod
    def of(cls, tool: str) -> Clone | None:
        """Returns the clone that the environment names, or None."""
        path = os.environ.get(VARIABLES[tool], "")
        return cls(Path(path)) if path else None

    def git(self, *arguments: str) -> str:
        """Returns what git prints."""
        return subprocess.run(["git", "-C", self.path, *arguments], capture_output=True, text=True, check=True).stdout

    def text(self, name: str) -> str:
        """Returns a file of the newest commit."""
        return self.git("show", f"HEAD:{name}")

    @property
    def version(self) -> str:
        """Returns commit and date."""
        return self.git("log", "-1", "--format=%h of %cs").strip()


def splinter(clone: Clone, dsn: str) -> Answers:
    """Runs the three lints on indexes; "drop all except one of them" names the whole table."""
    answers: Answers = {}
    with psycopg.connect(dsn, autocommit=True) as connection:
        for question, (lint, schema, name) in LINTS.items():
            query = clone.text(f"lints/{lint}.sql").partition(" as\n")[2].rstrip().rstrip(";")
            rows = connection.execute(f"SELECT metadata, cache_key FROM ({query}) AS lint".encode()).fetchall()
            answers[question] = {(row[0][schema], named(row[0], row[1], name)) for row in rows}
    return answers


def named(metadata: dict[str, str], cache_key: str, name: str) -> str:
    """Returns what a row is about; the name of an unused index stands at the end of its key alone."""
    if name != "cache_key":
        return metadata[name]
    return cache_key.removeprefix(f"unused_index_{metadata['schema']}_{metadata['name']}_")


def heredoc(text: str, method: str) -> str:
    """Returns the first SQL text of a method of PgHero."""
    match = re.search(rf"def {method}\b.*?<<~SQL\)?\n(.*?)\n\s*SQL\n", text, re.DOTALL)
    assert match is not None
    return match[1].replace("\\\\", "\\")


def pghero(clone: Clone, dsn: str, replica: str) -> Answers:
    """Runs PgHero's queries, unused ones across the standby; what it then does in Ruby is done here likewise."""
    text = clone.text("lib/pghero/methods/indexes.rb")
    unused = heredoc(text, "unused_indexes").replace(":max_scans", "0").replace(":min_size", "0")
    on_all: list[set[tuple[str, str]]] = []
    for node in (dsn, replica):
        with psycopg.connect(node, autocommit=True) as connection:
            on_all.append({(row[0], row[2]) for row in connection.execute(unused.encode()).fetchall()})
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(heredoc(text, "indexes").encode())
        names = [column.name for column in cursor.description or ()]
        indexes = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        query = "SELECT query FROM pg_stat_activity WHERE state <> 'idle' AND pid <> pg_backend_pid()"
        running = [str(row[0]) for row in connection.execute(query).fetchall()]
    for index in indexes:
        parts = index["columns"].replace(") WHERE (", " WHERE ", 1).split(", ")
        index["columns"] = [part[1:-1] if part.startswith('"') else part for part in parts]
    duplicates = {
        (each["schema"], each["name"])
        for each in indexes
        if each["valid"] and not each["primary"] and not each["unique"] and is_unneeded(each, indexes)
    }
    invalid = {(i["schema"], i["name"]) for i in indexes if not i["valid"] and not is_being_made(i, running)}
    return {UNUSED: on_all[0] & on_all[1], DUPLICATE: duplicates, REDUNDANT: set(), INVALID: invalid}


def is_unneeded(index: dict[str, Any], indexes: list[dict[str, Any]]) -> bool:
    """Tells whether PgHero calls an index a duplicate: another one of the table begins with its columns."""
    same = ("schema", "table", "using", "indexprs", "indpred")
    for other in indexes:
        alike = other["valid"] and other["name"] != index["name"] and all(other[key] == index[key] for key in same)
        if alike and other["columns"][: len(index["columns"])] == index["columns"]:
            stronger = other["primary"] or other["unique"] or index["name"] > other["name"]
            return bool(other["columns"] != index["columns"] or stronger)
    return False


def is_being_made(index: dict[str, Any], running: list[str]) -> bool:
    """Tells whether PgHero takes an index for one under construction: a running text names table and columns."""
    making = [text for text in running if re.search(r"CREATE\s+INDEX\s+CONCURRENTLY\s+", text, re.IGNORECASE)]
    return any(index["table"] in text and all(column in text for column in index["columns"]) for text in making)
