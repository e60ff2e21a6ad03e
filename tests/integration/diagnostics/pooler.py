"""Starts a real PgBouncer in transaction mode; Debian's package brings it where root is at hand."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
import pytest

from demo.parts.account import Account
from demo.parts.ports import free_port
from demo.parts.supervisor import Program
from tests.sql import servers

if TYPE_CHECKING:
    from tests.sql.servers import Server

CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
default_pool_size = 2
"""


def program() -> str:
    """Returns PgBouncer's program; the test is skipped where it is missing and cannot be installed."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    if shutil.which("pgbouncer", path=path) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "-y", "--no-install-recommends", "pgbouncer"]
        if subprocess.run(install, check=False).returncode:
            # A fresh machine has no list of packages yet.
            subprocess.run(["apt-get", "update"], check=False)
            subprocess.run(install, check=False)
    return shutil.which("pgbouncer", path=path) or pytest.skip("PgBouncer is neither here nor can it be installed")


def start(server: Server) -> str:
    """Starts it with the server's supervisor, and returns how to connect through it, to a database of its own.

    It gives its connections to the server the names of its clients, which other tests count.
    """
    with closing(psycopg2.connect(server.url())) as connection:
        connection.autocommit = True
        connection.cursor().execute("CREATE DATABASE pooled")
    account = Account.unprivileged()
    directory = account.private_directory()
    server.supervisor.remove_at_end(directory)
    users, configuration = directory / "users", directory / "pgbouncer.ini"
    users.write_text(f'"postgres" "{servers.PASSWORD}"\n')
    port = free_port()
    configuration.write_text(CONFIGURATION.format(server=server.port, own=port, users=users))
    for each in (users, configuration):
        account.own(each)
    url = server.url("pooled").replace(f":{server.port}/", f":{port}/")
    name = f"pgbouncer-{port}"
    server.supervisor.start(
        Program(name, [Path(program()), configuration], {"PATH": os.defpath}, directory, account), lambda: answers(url)
    )
    return url


def answers(url: str) -> bool:
    """Tells whether it answers."""
    try:
        psycopg2.connect(url).close()
    except psycopg2.OperationalError:
        return False
    return True
