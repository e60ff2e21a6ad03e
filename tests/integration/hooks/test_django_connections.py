"""A real Django with and without CONN_MAX_AGE, on both drivers: its connections are counted, and none is a leak."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

PROGRAM = Path(__file__).parent / "django_program.py"
QUIET = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}


def found(driver: str, dsn: str, age: int) -> dict[str, Any]:
    """Returns what the program says of its connections."""
    told = conninfo_to_dict(dsn)
    arguments = [str(told[name]) for name in ("host", "port", "dbname", "user", "password")]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL", "PG"))}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), driver, *arguments, str(age)],
        env={**kept, **QUIET},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.mark.parametrize("driver", ["psycopg2", "psycopg"])
def test_a_persistent_connection_is_no_leak(postgres_dsn: str, driver: str) -> None:
    """One connection serves five requests and rests for longer than a leak takes; it is counted once."""
    answer = found(driver, postgres_dsn, 600)
    assert (answer["connections"], answer["counted"], answer["leaked"]) == (1, 1, 0)
    told = conninfo_to_dict(postgres_dsn)
    assert answer["names"] == [f"{told['host']}:{told['port']}/{told['dbname']}#direct"]


@pytest.mark.parametrize("driver", ["psycopg2", "psycopg"])
def test_a_connection_for_each_request_is_no_leak(postgres_dsn: str, driver: str) -> None:
    """Without CONN_MAX_AGE each request opens a connection and closes it."""
    answer = found(driver, postgres_dsn, 0)
    assert (answer["connections"], answer["counted"], answer["leaked"]) == (5, 5, 0)
