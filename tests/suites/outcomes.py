"""Runs a library's own test suite, without otelmon and under it, and returns what became of each test."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

from psycopg2.extensions import parse_dsn

from demo.parts.postgres import administration
from tests.suites.sources import fetch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.suites.libraries import Library

PLUGINS = Path(__file__).parent / "plugins"
# The packages of requirements/suites.txt, which the Makefile puts there.
PACKAGES = Path(__file__).parents[2] / ".cache" / "suites-packages"
BIN = Path(sys.executable).parent
SECONDS = 1_500
WITHOUT = ("randomly", "pytest_cov", "timeout")
# Where the suites of psycopg2 and psycopg look for their database.
_PSYCOPG2 = {"host": "_HOST", "port": "_PORT", "user": "_USER", "dbname": ""}


class Where(NamedTuple):
    """Says where suites get what they need.

    Args:
        server: connection string of a superuser of PostgreSQL.
        copies: of repositories, see ``tests.suites.sources.fetch``.
    """

    server: str
    copies: Path | None


def outcomes(
    library: Library, report: Path, *, observed: bool, where: Where, only: Sequence[str] = ()
) -> dict[str, str]:
    """Runs a suite in its own folder and returns what became of each test, by its file, class and name.

    Args:
        library: whose suite it is.
        report: file that pytest writes.
        observed: whether it runs under ``opentelemetry-instrument``, with otelmon.
        where: its sources and its database are had from; each run makes a database of its own.
        only: these tests, instead of all.

    Raises:
        RuntimeError: the suite could not be had or did not run.
    """
    # In the order that the suite has, and with errors of what is not installed counted as outcomes.
    options = [part for name in WITHOUT for part in ("-p", f"no:{name}")]
    options += ["-q", "-p", "older_pytest", "--continue-on-collection-errors", f"--junitxml={report}"]
    options += ["-o", "junit_family=xunit1", "-o", f"cache_dir={report.with_suffix('.cache')}"]
    folder, *settings = library.tests
    done = subprocess.run(
        [
            *([BIN / "opentelemetry-instrument"] if observed else []),
            *(sys.executable, "-m", "pytest", *options, *settings, *(only or (folder,))),
        ],
        cwd=fetch(library, where.copies),
        env=_environment(library, where.server),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if not report.is_file():
        raise RuntimeError(f"the suite of {library.name} did not run: {done.stdout[-500:]} {done.stderr[-500:]}")
    return dict(_read(report))


def _environment(library: Library, server: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL", "PYTEST", "PG"))}
    quiet = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
    places = [str(PACKAGES)] * library.beside + [str(PLUGINS)]
    return {**kept, **quiet, **(_database(server) if library.database else {}), "PYTHONPATH": os.pathsep.join(places)}


def _database(server: str) -> dict[str, str]:
    """Makes an empty database and returns the variables that name it."""
    name = f"suite_{secrets.token_hex(4)}"
    with administration(server) as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    address = {**parse_dsn(server), "dbname": name}
    named = {f"PSYCOPG2_TESTDB{suffix}": address[part] for part, suffix in _PSYCOPG2.items()}
    dsn = " ".join(f"{key}={address[key]}" for key in ("host", "port", "user", "password", "dbname"))
    return {**named, "PGPASSWORD": address["password"], "PSYCOPG_TEST_DSN": dsn}


def _read(report: Path) -> list[tuple[str, str]]:
    cases = ET.parse(report).iter("testcase")  # noqa: S314 - pytest wrote it
    return [(_name(each), _outcome(each)) for each in cases]


def _name(case: ET.Element) -> str:
    """Returns a name by which pytest runs a test again; what could not be collected has no file."""
    file, around = case.get("file", ""), case.get("classname", "")
    classes = around.removeprefix(file.removesuffix(".py").replace("/", ".")).strip(".").split(".")
    return "::".join(each for each in (file, *classes, case.get("name", "")) if each)


def _outcome(case: ET.Element) -> str:
    for word in ("failure", "error", "skipped"):
        if case.find(word) is not None:
            return word
    return "passed"
