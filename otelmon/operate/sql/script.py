"""Puts the files together: what an installation runs, step by step, and the same as one script for psql."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from otelmon.operate.sql import files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SCHEMA = "schema"
HISTORY = "history"
PRIVILEGES = "privileges"
# What an installation may wait for: it drops and makes views, which readers of these views hold locks on.
LIMITS = "SET LOCAL lock_timeout = '5s';\nSET LOCAL statement_timeout = '60s';\nSET LOCAL search_path = pg_catalog;\n"


@dataclass(frozen=True, slots=True)
class Step:
    """Holds one part of an installation and the name of the file that it comes from."""

    name: str
    text: str


def steps(major: int, *, replace: bool = True, home: Path | None = None) -> Iterator[Step]:
    """Yields what brings a database to this version, in order; all of it can run again.

    Args:
        major: version of the server.
        replace: whether views and functions are made anew; tables, roles and rights are seen to in any case.
        home: the folder with the files; that of otelmon when not given.
    """
    numbered = files.numbered(major, home)
    lasting = {SCHEMA, HISTORY, PRIVILEGES}
    by_name = {file.name: file for file in numbered}
    tables = [by_name[SCHEMA], by_name[HISTORY], *files.upgrades(home)]
    made_anew = [file for file in numbered if file.name not in lasting]
    if replace:
        tables.append(files.other("replace", home))
        tables.extend(made_anew)
    for file in (*tables, by_name[PRIVILEGES]):
        yield Step(file.file_name, file.text + comments(file))
    yield Step("schema_version", record(numbered, files.version(home)))


def comments(file: files.SqlFile) -> str:
    """Returns statements that put a view's description into the catalog, or nothing for other files."""
    description = file.description
    if description is None:
        return ""
    lines = [f"COMMENT ON VIEW otelmon.{file.name} IS {literal(description.summary)};"]
    for column, meaning in description.columns:
        lines.append(f"COMMENT ON COLUMN otelmon.{file.name}.{column} IS {literal(meaning)};")
    return "\n".join(lines) + "\n"


def record(numbered: Sequence[files.SqlFile], version: int) -> str:
    """Returns statements that write down the version and the digest of every file."""
    values = ",\n    ".join(f"({literal(file.file_name)}, {literal(file.digest)})" for file in numbered)
    return "\n".join(
        [
            f"INSERT INTO otelmon.schema_version (version) VALUES ({version}) ON CONFLICT DO NOTHING;",  # noqa: S608 - ours
            "DELETE FROM otelmon.schema_file;",
            "INSERT INTO otelmon.schema_file (file_name, digest) VALUES",
            f"    {values};\n",
        ]
    )


def literal(text: str) -> str:
    """Returns a text of ours as a string constant of SQL."""
    return "'" + text.replace("'", "''") + "'"


def script(major: int, home: Path | None = None) -> str:
    """Returns the installation for one server version as a script for psql, in one transaction."""
    parts = "\n".join(f"-- {step.name}\n{step.text}" for step in steps(major, home=home))
    return (
        f"-- otelmon, schema version {files.version(home)}, for PostgreSQL {major}.\nBEGIN;\n{LIMITS}\n{parts}COMMIT;\n"
    )
