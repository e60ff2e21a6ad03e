"""Fetches the test suites of observed libraries, as their source distributions have them, and runs them."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

PLUGINS = Path(__file__).parent / "plugins"
CACHE = Path(__file__).parents[2] / ".cache" / "suites"
BIN = Path(sys.executable).parent
SECONDS = 1_500


class Library(NamedTuple):
    """Says where a library has its tests.

    Args:
        name: of the distribution.
        tests: their folder within the source distribution.
        least: how many of them have to be found, so that a suite that does not run at all is no success.
    """

    name: str
    tests: str
    least: int


LIBRARIES = (Library("Flask", "tests", 300), Library("requests", "tests", 250))


def fetch(library: Library) -> Path:
    """Returns the folder of the source distribution of the installed release, out of the index that pip is set up for.

    Raises:
        RuntimeError: it could not be had.
    """
    release = version(library.name)
    folder = CACHE / f"{library.name.lower()}-{release}"
    if not (folder / library.tests).is_dir():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        done = subprocess.run(
            [*command, "--dest", str(CACHE), f"{library.name}=={release}"], capture_output=True, text=True, check=False
        )
        found = sorted(CACHE.glob(f"*{release}.tar.gz"))
        archive = next((each for each in found if each.name.lower().startswith(library.name.lower())), None)
        if archive is None:
            raise RuntimeError(f"pip cannot fetch the source distribution of {library.name}: {done.stderr[-200:]}")
        _unpack(archive, folder)
    return folder


def _unpack(archive: Path, folder: Path) -> None:
    """Writes what is in an archive but the library itself; filters for that came with Python 3.11.4."""
    with tarfile.open(archive) as opened:
        for member in opened.getmembers():
            _, _, inner = member.name.partition("/")
            content = opened.extractfile(member) if member.isfile() else None
            if content is None or ".." in inner or inner.startswith("src/"):
                continue
            (folder / inner).parent.mkdir(parents=True, exist_ok=True)
            (folder / inner).write_bytes(content.read())


def outcomes(library: Library, report: Path, *, observed: bool) -> dict[str, str]:
    """Runs a suite in its own folder and returns what became of each test, by its name.

    Args:
        library: whose suite it is.
        report: file that pytest writes.
        observed: whether it runs under ``opentelemetry-instrument``, with otelmon.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL", "PYTEST"))}
    quiet = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
    options = [
        "-q",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:pytest_cov",
        "-p",
        "no:timeout",
        "-p",
        "older_pytest",
    ]
    # In the order that the suite has, and with errors of what is not installed counted as outcomes.
    options += ["--continue-on-collection-errors", f"--junitxml={report}"]
    done = subprocess.run(
        [
            *([BIN / "opentelemetry-instrument"] if observed else []),
            sys.executable,
            "-m",
            "pytest",
            *options,
            library.tests,
        ],
        cwd=fetch(library),
        env={**kept, **quiet, "PYTHONPATH": str(PLUGINS)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if not report.is_file():
        raise RuntimeError(f"the suite of {library.name} did not run: {done.stdout[-500:]} {done.stderr[-500:]}")
    return dict(_read(report))


def _read(report: Path) -> list[tuple[str, str]]:
    cases = ET.parse(report).iter("testcase")  # noqa: S314 - pytest wrote it
    return [(f"{each.get('classname')}::{each.get('name')}", _outcome(each)) for each in cases]


def _outcome(case: ET.Element) -> str:
    for word in ("failure", "error", "skipped"):
        if case.find(word) is not None:
            return word
    return "passed"
