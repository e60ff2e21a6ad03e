"""Starts a PostgreSQL server of its own with the schema and its rows in it."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import encrypt_password

from demo.parts.account import Account
from demo.parts.errors import PartError
from demo.parts.supervisor import Program, Supervisor
from demo.seed import USUAL, Amounts, seed
from demo.server import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from psycopg2.extensions import cursor as Cursor  # noqa: N812 - psycopg2 writes its class in lower case

NAME = "postgres"
SUPERUSER = "postgres"
DATABASE = "contributors"
LONGEST_REASON = 200
# Throwaway data need not survive a crash; one process a query and no compilation keep times comparable.
OPTIONS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "shared_preload_libraries": "pg_stat_statements",
    "max_connections": "60",
    "fsync": "off",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
    # The server's own word on what was slow or failed, with the values that must not leave.
    "log_min_duration_statement": "500",
}


@dataclass(frozen=True)
class Server:
    """Holds what tells one server of a stack from another: its name, and options beside the usual ones."""

    name: str = NAME
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Postgres:
    """Holds how to reach a running server; both addresses carry a generated password."""

    port: int
    url: str = field(repr=False)
    admin_url: str = field(repr=False)
    password: str = field(repr=False)
    programs: Path | None = None
    data: Path | None = None


ONLY = Server()


def start(
    supervisor: Supervisor, programs: Path, port: int, amounts: Amounts = USUAL, server: Server = ONLY
) -> Postgres:
    """Starts a server on loopback, makes role and database, and seeds it.

    Args:
        supervisor: owns the process and removes the data with it.
        programs: the directory with ``initdb`` and ``postgres``.
        port: where it listens.
        amounts: how many rows there will be.
        server: its name and what is special about it.

    Raises:
        PartError: when the server does not come up.
    """
    account = Account.unprivileged()
    directory = account.private_directory()
    supervisor.remove_at_end(directory)
    programs = account.reachable(programs, directory)
    admin_password = secrets.token_urlsafe(18)
    initialize(programs, directory / "data", admin_password, account)
    admin_url = address(SUPERUSER, admin_password, port, "postgres")
    chosen = {**OPTIONS, **server.options, "port": str(port)}
    options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    program = Program(
        server.name, [programs / "postgres", "-D", directory / "data", *options], environment(), directory,
        account, signal.SIGINT,
    )  # fmt: skip
    supervisor.start(program, lambda: accepts(admin_url))
    try:
        filled = fill(port, admin_url, admin_password, amounts)
    except psycopg2.Error as error:
        reason = " ".join(str(error).split())[:LONGEST_REASON]
        log = supervisor.log_of(server.name)
        raise PartError(f"the database cannot be filled: {reason}", f"see {log}") from error
    return replace(filled, programs=programs, data=directory / "data")


def fill(port: int, admin_url: str, admin_password: str, amounts: Amounts) -> Postgres:
    """Makes role, database and rows."""
    password = secrets.token_urlsafe(18)
    make_database(admin_url, password)
    make_extension(address(SUPERUSER, admin_password, port, DATABASE))
    url = address(DATABASE, password, port, DATABASE)
    seed(url, amounts)
    return Postgres(port, url, admin_url, password)


def environment() -> dict[str, str]:
    """Returns the environment of the server's programs: messages in English, nothing of libpq's variables."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def address(user: str, password: str, port: int, database: str) -> str:
    """Returns a connection string."""
    return f"postgresql://{user}:{password}@{LOOPBACK}:{port}/{database}?connect_timeout=5"


def initialize(programs: Path, data: Path, password: str, account: Account) -> None:
    """Makes an empty cluster in which every connection needs a password."""
    password_file = data.with_name("password")
    password_file.touch(mode=0o600)
    password_file.write_text(password, encoding="utf-8")
    account.own(password_file)
    command: list[str | Path] = [
        programs / "initdb", "-D", data, "-U", SUPERUSER, "--pwfile", password_file, "--auth=scram-sha-256",
        "--encoding=UTF8", "--locale=C", "--no-sync",
    ]  # fmt: skip
    done = subprocess.run(
        command, env=environment(), cwd=data.parent, capture_output=True, text=True, check=False,
        user=account.user, group=account.group, extra_groups=account.groups,
    )  # fmt: skip
    password_file.unlink()
    if done.returncode:
        reason = next(iter(reversed(done.stderr.strip().splitlines())), f"exit code {done.returncode}")
        raise PartError(f"initdb failed: {reason[:LONGEST_REASON]}", f"check {programs}")


def accepts(url: str) -> bool:
    """Tells whether the server takes connections now."""
    try:
        psycopg2.connect(url).close()
    except psycopg2.OperationalError:
        return False
    return True


def make_database(admin_url: str, password: str) -> None:
    """Makes the role of the service and its database; the server sees the password's verifier only."""
    with administration(admin_url) as cursor:
        verifier = encrypt_password(password, DATABASE, cursor.connection, "scram-sha-256")
        role = sql.Identifier(DATABASE)
        cursor.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(verifier)))
        cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))


def make_extension(admin_url: str) -> None:
    """Makes the statistics of statements readable in a database; only a superuser may."""
    with administration(admin_url) as cursor:
        cursor.execute("CREATE EXTENSION pg_stat_statements")


@contextmanager
def administration(url: str) -> Iterator[Cursor]:
    """Opens a cursor outside any transaction and closes its connection."""
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
