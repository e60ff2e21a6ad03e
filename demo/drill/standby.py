"""Starts a standby of a server: a base backup that streams from it."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from demo.parts import postgres
from demo.parts.account import Account
from demo.parts.errors import PartError
from demo.parts.supervisor import Program

if TYPE_CHECKING:
    from demo.parts.postgres import Postgres
    from demo.parts.supervisor import Supervisor

NAME = "standby"
SECONDS_TO_COPY = 60


def start(supervisor: Supervisor, primary: Postgres, port: int) -> Postgres:
    """Copies a running server and starts the copy as its standby.

    Raises:
        PartError: the copy cannot be made.
    """
    if primary.programs is None or primary.data is None:
        raise PartError("the primary does not say where its programs are", "start it by demo.parts.postgres")
    account = Account.unprivileged()
    directory = account.private_directory()
    supervisor.remove_at_end(directory)
    data = directory / "data"
    # A server that shows its own name to its primary is told apart from others there.
    conninfo = f"{primary.admin_url.split('?')[0]}?application_name={NAME}"
    backup(primary.programs, conninfo, data, account)
    options = {**postgres.OPTIONS, "port": str(port), "wal_receiver_timeout": "0",
               "primary_conninfo": keywords(conninfo), "hot_standby": "on"}  # fmt: skip
    chosen = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    program = Program(
        NAME, [primary.programs / "postgres", "-D", data, *chosen], postgres.environment(), directory,
        account, signal.SIGINT,
    )  # fmt: skip
    admin_url = moved(primary.admin_url, port)
    supervisor.start(program, lambda: postgres.accepts(admin_url))
    return postgres.Postgres(port, moved(primary.url, port), admin_url, primary.password, primary.programs, data)


def backup(programs: Path, conninfo: str, data: Path, account: Account) -> None:
    """Makes the copy, with the file that makes it a standby."""
    command = [programs / "pg_basebackup", "-D", data, "-d", conninfo, "-X", "stream", "-c", "fast", "-R", "--no-sync"]
    done = subprocess.run(
        command, env=postgres.environment(), capture_output=True, text=True, check=False, timeout=SECONDS_TO_COPY,
        cwd=data.parent, user=account.user, group=account.group, extra_groups=account.groups,
    )  # fmt: skip
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise PartError(f"pg_basebackup failed: {lines[-1][:200]}", "see the primary's log")


def keywords(conninfo: str) -> str:
    """Returns an address in the form that primary_conninfo takes."""
    parts = urlsplit(conninfo)
    return (
        f"host={parts.hostname} port={parts.port} user={parts.username} password={parts.password} "
        f"application_name={NAME}"
    )


def moved(url: str, port: int) -> str:
    """Returns an address with another port."""
    return url.replace(f":{urlsplit(url).port}/", f":{port}/")


def receiver_pid(data: str) -> int:
    """Returns the process that receives for a standby."""
    postmaster = int((Path(data) / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
    for each in Path("/proc").iterdir():
        if each.name.isdigit() and parent_of(each) == postmaster and b"walreceiver" in command_of(each):
            return int(each.name)
    raise PartError("the standby receives nothing", "see its log")


def parent_of(process: Path) -> int:
    """Returns the number of a process' parent; 0 where it has ended."""
    try:
        return int((process / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def command_of(process: Path) -> bytes:
    """Returns what a process calls itself."""
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def freeze(pid: int, *, frozen: bool) -> None:
    """Stops a process, or lets it go on."""
    os.kill(pid, signal.SIGSTOP if frozen else signal.SIGCONT)
