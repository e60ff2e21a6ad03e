"""Starts PostgreSQL servers of given major versions for the tests of sql/."""

from __future__ import annotations

import json
import os
import shutil
import signal
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from demo.parts import npm, places, postgres, postgres_programs
from demo.parts.account import Account
from demo.parts.ports import free_port
from demo.parts.supervisor import Program, Supervisor
from demo.parts.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCKS = Path(__file__).with_name("postgres_npm")
SECONDS_TO_END = 30.0
MAJORS = ("14", "15", "16", "17", "18")
PASSWORD = "only-on-loopback"
OPTIONS = {
    **postgres.OPTIONS,
    "track_io_timing": "on",
    "max_prepared_transactions": "2",
    "wal_level": "logical",
    "autovacuum": "off",
    "pg_stat_statements.track": "all",
    # Many databases come and go on one server, and none of their statements may push out those of another.
    "pg_stat_statements.max": "30000",
}


@dataclass(frozen=True)
class Server:
    """Holds a running server; every role of the tests has the same throwaway password."""

    major: int
    port: int
    supervisor: Supervisor = field(repr=False)
    program: Program = field(repr=False)

    def run(self) -> None:
        """Starts the process and waits until it answers."""
        self.supervisor.start(self.program, lambda: postgres.accepts(self.url()))

    def restart_as_standby(self) -> None:
        """Starts it again as a standby without a primary: in recovery, readable, and never to be written."""
        self.supervisor.stop_part(self.program.name)
        assert self.program.directory is not None
        signal_file = self.program.directory / "data" / "standby.signal"
        signal_file.touch()
        self.program.account.own(signal_file)
        self.run()

    def wait_until_quiet(self, database: str = "postgres", beside: int = 0) -> None:
        """Waits until no session of a client is left in a database beside so many, those that are ending among them.

        A client has closed its connection before the server's process has ended, and until then it has its slot and
        its row in pg_stat_activity. With sessions counted at the beginning of a test, those of the one before would be.
        """
        others = (
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
            "AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        with postgres.administration(self.url(database)) as cursor:
            own = Path(f"/proc/{cursor.connection.info.backend_pid}")

            def left() -> int:
                cursor.execute(others)
                return int(cursor.fetchall()[0][0])

            assert wait_for(lambda: left() == beside, SECONDS_TO_END), f"{left()} sessions are left in {database}"
        assert wait_for(lambda: not own.exists(), SECONDS_TO_END), "the session that counted does not end"

    def url(self, database: str = "postgres", user: str = postgres.SUPERUSER) -> str:
        """Returns a connection string."""
        return postgres.address(user, PASSWORD, self.port, database)


def chosen() -> list[str]:
    """Returns the major versions to test: those of OTELMON_TEST_POSTGRES, else an empty one for the machine's own."""
    return os.environ.get("OTELMON_TEST_POSTGRES", "").split(",")


def programs(major: str) -> Path:
    """Returns the directory of a server's programs: what the machine has for an empty name, else that of npm."""
    cache = places.cache_directory()
    if not major:
        return postgres_programs.find(cache)
    lock = LOCKS / major
    version = next(iter(json.loads((lock / "package.json").read_text())["dependencies"].values()))
    target = cache / f"postgresql-{version}"
    native = target / postgres_programs.PACKAGE
    if not (native / "bin" / "initdb").exists():
        bring(lock, target, cache)
    postgres_programs.make_links(native)
    return native / "bin"


def bring(lock: Path, target: Path, cache: Path) -> None:
    """Installs the locked package, checked by its hash; the directory appears only when everything is in it."""
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(lock, unfinished)
    command = [*npm.npm_command(postgres_programs.LOCK, cache), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    npm.run(command, unfinished, f"PostgreSQL {lock.name} from npm cannot be installed")
    shutil.rmtree(target, ignore_errors=True)
    unfinished.rename(target)


def start(supervisor: Supervisor, major: str = "", options: Mapping[str, str] | None = None) -> Server:
    """Starts an empty server on loopback and returns it once it answers."""
    account = Account.unprivileged()
    directory = account.private_directory()
    supervisor.remove_at_end(directory)
    binaries = account.reachable(programs(major), directory)
    postgres.initialize(binaries, directory / "data", PASSWORD, account)
    port = free_port()
    chosen = {**OPTIONS, **(options or {}), "port": str(port)}
    arguments = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    program = Program(
        f"postgres-{port}", [binaries / "postgres", "-D", directory / "data", *arguments], postgres.environment(),
        directory, account, signal.SIGINT,
    )  # fmt: skip
    server = Server(0, port, supervisor, program)
    server.run()
    with postgres.administration(server.url()) as cursor:
        return replace(server, major=cursor.connection.server_version // 10000)
