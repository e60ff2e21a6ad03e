"""Runs psycopg2's own test suite in this process and writes what became of each test as JSON.

argv: the folder that holds the suite's package, the connection string of a superuser's database, the file to write, and
``bare`` or ``otelmon``.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import unittest
from pathlib import Path
from typing import Any

from psycopg2.extensions import parse_dsn

VARIABLES = {"dbname": "", "host": "_HOST", "port": "_PORT", "user": "_USER", "password": "_PASSWORD"}


class Outcomes(unittest.TestResult):
    """Keeps one word for each test."""

    def __init__(self) -> None:
        super().__init__()
        self.words: dict[str, str] = {}

    def addSuccess(self, test: Any) -> None:  # noqa: N802 - unittest's name
        """Keeps a success."""
        self.words[test.id()] = "passed"

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802 - unittest's name
        """Keeps an error."""
        self.words[test.id()] = f"error {err[0].__name__}"

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802 - unittest's name
        """Keeps a failure."""
        self.words[test.id()] = f"failed {err[0].__name__}"

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802 - unittest's name
        """Keeps a skipped test."""
        del reason
        self.words[test.id()] = "skipped"


def main() -> None:
    """Runs the suite."""
    folder, dsn, target, mode = sys.argv[1:5]
    address = parse_dsn(dsn)
    for name, suffix in VARIABLES.items():
        os.environ[f"PSYCOPG2_TESTDB{suffix}"] = address[name]
    os.environ["PGPASSWORD"] = address["password"]
    if mode == "otelmon":
        import otelmon

        otelmon.instrument()
    # In place of this project's folder of the same name.
    sys.path[:] = [folder, *(each for each in sys.path if not Path(each or ".", "otelmon", "guard.py").exists())]
    outcomes = Outcomes()
    importlib.import_module("tests").test_suite().run(outcomes)
    Path(target).write_text(json.dumps(outcomes.words), encoding="utf-8")
    # The suite leaves connections and threads behind, for which nobody shall wait.
    os._exit(0)


if __name__ == "__main__":
    main()
