"""Measures every view and the observer on a crowded server, and writes docs/sql-costs.md: ``make bench-sql``."""

from __future__ import annotations

import argparse
import platform
import tempfile
from pathlib import Path

import psycopg

from benchmarks.postgresql import crowd, observer, page, views
from demo.parts.supervisor import Supervisor
from demo.parts.told_to_end import unwind_when_told_to_end
from otelmon.operate.sql.install import install
from tests.sql import servers

PAGE = Path(__file__).parents[2] / "docs" / "sql-costs.md"


def main() -> None:
    """Starts a server, fills it, measures, writes the page, ends what it started."""
    unwind_when_told_to_end()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default="", help="major version that npm brings; that of the machine without")
    parser.add_argument("--seconds", type=float, default=120.0, help="how long the observer is watched")
    parser.add_argument("--rounds", type=int, default=5, help="how often each view is read")
    chosen = parser.parse_args()
    size = crowd.Size()
    with tempfile.TemporaryDirectory(prefix="otelmon-bench-") as folder:
        supervisor = Supervisor(Path(folder))
        try:
            options = {"max_connections": str(size.sessions + 20), "shared_buffers": "256MB"}
            server = servers.start(supervisor, chosen.server, options)
            prepare(server, size)
            with crowd.sessions(server.url(), size.sessions):
                read = views.measure(server.url(user="otelmon_reader"), chosen.rounds)
                whole = {each.view: each.processor_ms for each in read}
                observed = observer.measure(server, chosen.seconds, whole)
            text = page.text(size, f"{server.major} on {platform.system()} {platform.machine()}", read, observed)
            PAGE.write_text(text, encoding="utf-8")
            print(text)
        finally:
            supervisor.stop()


def prepare(server: servers.Server, size: crowd.Size) -> None:
    """Makes extension, tables and schema, and lets the reader in."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")
        crowd.fill(server.url(), size)
        install(server.url())
        connection.execute(f"ALTER ROLE otelmon_reader PASSWORD '{servers.PASSWORD}'")


if __name__ == "__main__":
    main()
