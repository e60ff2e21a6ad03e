"""psycopg2's own test suite passes and fails with otelmon as it does without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
import pytest

if TYPE_CHECKING:
    from demo.parts.postgres import Postgres

PROGRAM = Path(__file__).parent / "suite_program.py"
CACHE = Path(__file__).parents[3] / ".cache" / "psycopg2-suite"
DATABASE = "psycopg2_test"
# The one thing that a subclass cannot be: the very class it stands for.
DIFFERENT = {"tests.test_connection.ConnectionTests.test_cursor_factory_none"}


@pytest.fixture(scope="module")
def suite() -> Path:
    """Returns the folder of the suite of the installed release, out of its source distribution."""
    release = version("psycopg2-binary")
    folder = CACHE / release
    if not folder.is_dir():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        done = subprocess.run(
            [*command, "--dest", str(CACHE), f"psycopg2-binary=={release}"], capture_output=True, text=True, check=False
        )
        found = sorted(CACHE.glob(f"psycopg2*{release}.tar.gz"))
        if not found:
            pytest.fail(f"pip cannot fetch the source distribution of psycopg2: {done.stderr[-200:]}")
        with tarfile.open(found[0]) as archive:
            unpack_tests(archive, folder)
    return folder


def unpack_tests(archive: tarfile.TarFile, folder: Path) -> None:
    """Writes the files of the suite, and nothing else of the archive; filters for that came with Python 3.11.4."""
    for member in archive.getmembers():
        _, _, inner = member.name.partition("/")
        content = archive.extractfile(member) if member.isfile() else None
        if content is not None and inner.startswith("tests/") and ".." not in inner:
            (folder / inner).parent.mkdir(parents=True, exist_ok=True)
            (folder / inner).write_bytes(content.read())


@pytest.fixture(scope="module")
def outcomes(suite: Path, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Returns what became of each test, without otelmon and with it."""
    connection = psycopg2.connect(postgres.admin_url)
    connection.autocommit = True
    connection.cursor().execute(f"CREATE DATABASE {DATABASE}")
    connection.close()
    folder = tmp_path_factory.mktemp("suite")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL", "PG"))}
    quiet = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
    found = {}
    for mode in ("bare", "otelmon"):
        target = folder / f"{mode}.json"
        dsn = postgres.admin_url.replace("/postgres?", f"/{DATABASE}?")
        subprocess.run(
            [sys.executable, str(PROGRAM), str(suite), dsn, str(target), mode],
            env={**kept, **quiet},
            capture_output=True,
            timeout=250,
            check=True,
        )
        found[mode] = json.loads(target.read_text())
    return found


@pytest.mark.suites
@pytest.mark.timeout(600)
def test_the_same_tests_pass_and_fail(outcomes: dict[str, dict[str, str]]) -> None:
    """Of more than 700 tests every one ends as without otelmon, but for one that compares a class by identity."""
    bare, observed = outcomes["bare"], outcomes["otelmon"]
    assert len(bare) > 700
    assert sum(word == "passed" for word in bare.values()) > 650
    assert {name for name in bare.keys() | observed.keys() if bare.get(name) != observed.get(name)} == DIFFERENT
