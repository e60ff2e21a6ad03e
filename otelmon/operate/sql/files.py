"""Reads the numbered files of sql/: which of them a server gets, and what they say about themselves."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from otelmon.operate import resources
from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from pathlib import Path

OLDEST_MAJOR = 14
NEWEST_MAJOR = 18
_NAME = re.compile(r"(?P<number>\d{4})_(?P<name>[a-z0-9_]+?)(?:\.before_(?P<before>\d+))?\.sql")
_COLUMNS = re.compile(r"^CREATE VIEW otelmon\.(?P<view>\w+) \(\n(?P<columns>.*?)\n\) AS$", re.MULTILINE | re.DOTALL)
_COLUMN = re.compile(r"^    (?P<name>\w+),? -- (?P<meaning>.+)$", re.MULTILINE)
_LABEL = re.compile(r"(?:^|\n)(Read|Cannot tell): ")


@dataclass(frozen=True, slots=True)
class SqlFile:
    """Holds one numbered file as a server of some version gets it."""

    file_name: str
    name: str
    text: str

    @property
    def digest(self) -> str:
        """Returns a digest of the text, by which a change is noticed."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def is_view(self) -> bool:
        """Tells whether the file makes a view of its name."""
        return self.description is not None

    @property
    def description(self) -> Description | None:
        """Returns what the file says about its view, or None when it makes none."""
        match = _COLUMNS.search(self.text)
        if match is None or match["view"] != self.name:
            return None
        comment = takewhile(lambda line: line.startswith("-- "), self.text.splitlines())
        header = "\n".join(line[3:] for line in comment)
        summary, read, cannot_tell = (part.replace("\n", " ") for part in _LABEL.split(header)[::2])
        columns = tuple((found["name"], found["meaning"]) for found in _COLUMN.finditer(match["columns"]))
        return Description(summary, read, cannot_tell, columns)


@dataclass(frozen=True, slots=True)
class Description:
    """Says what a view shows, how to read it, what it cannot tell, and what each column means."""

    summary: str
    read: str
    cannot_tell: str
    columns: tuple[tuple[str, str], ...]


def folder() -> Path:
    """Returns the folder with the files, of the wheel or of the clone."""
    return resources.folder("sql")


def numbered(major: int, home: Path | None = None) -> tuple[SqlFile, ...]:
    """Returns the files in their order, each in the variant for a server version.

    Args:
        major: such as 15; ``0025_checkpoints.before_17.sql`` stands in for ``0025_checkpoints.sql`` below 17.
        home: the folder; that of otelmon when not given.

    Raises:
        OperateError: the server is older than what otelmon knows.
    """
    if major < OLDEST_MAJOR:
        raise OperateError(f"PostgreSQL {major} is too old: sql/ needs {OLDEST_MAJOR} or newer")
    chosen: dict[str, tuple[int, Path]] = {}
    for path in sorted((home or folder()).glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            continue
        before = int(match["before"] or NEWEST_MAJOR + 100)
        known, _ = chosen.get(match["name"], (before + 1, path))
        # The narrowest variant that still holds for this server.
        if major < before < known:
            chosen[match["name"]] = (before, path)
    return tuple(SqlFile(path.name, name, path.read_text(encoding="utf-8")) for name, (_, path) in chosen.items())


def views(major: int = NEWEST_MAJOR, home: Path | None = None) -> dict[str, SqlFile]:
    """Returns the files that make a view, by the view's name."""
    return {file.name: file for file in numbered(major, home) if file.is_view}


def upgrades(home: Path | None = None) -> tuple[SqlFile, ...]:
    """Returns what changes the tables of earlier versions, in order; each can run again without harm."""
    paths = sorted(((home or folder()) / "upgrades").glob("[0-9]*.sql"))
    return tuple(SqlFile(f"upgrades/{path.name}", path.stem[5:], path.read_text(encoding="utf-8")) for path in paths)


def version(home: Path | None = None) -> int:
    """Returns the version of the schema: the number of the newest upgrade, 1 without any."""
    return max((int(file.file_name[9:13]) for file in upgrades(home)), default=1)


def other(name: str, home: Path | None = None) -> SqlFile:
    """Returns a file without a number: ``replace`` or ``uninstall``."""
    return SqlFile(f"{name}.sql", name, ((home or folder()) / f"{name}.sql").read_text(encoding="utf-8"))
