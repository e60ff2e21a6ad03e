"""Makes a streaming standby of a server out of a copy of its data."""

from __future__ import annotations

import subprocess
import time
from dataclasses import replace

import psycopg

from demo.parts import postgres
from demo.parts.ports import free_port
from tests.sql.servers import PASSWORD, Server

SECONDS_TO_CATCH_UP = 60.0


def standby_of(server: Server) -> Server:
    """Stops a server, copies it, and starts both; the copy follows."""
    directory = server.program.directory
    assert directory is not None
    server.supervisor.stop_part(server.program.name)
    data = directory / "standby"
    subprocess.run(["cp", "-a", directory / "data", data], check=True)
    server.run()
    mark = data / "standby.signal"
    mark.touch()
    server.program.account.own(mark)
    port = free_port()
    upstream = f"host=127.0.0.1 port={server.port} user={postgres.SUPERUSER} password={PASSWORD}"
    command = [part for part in server.program.command if part != f"port={server.port}"][:-1]
    command[command.index(directory / "data")] = data
    command += ["-c", f"port={port}", "-c", f"primary_conninfo={upstream}"]
    program = replace(server.program, name=f"postgres-{port}", command=command)
    made = replace(server, port=port, program=program)
    made.run()
    return made


def catch_up(primary: Server, standby: Server, database: str) -> None:
    """Waits until everything that was committed is visible on the standby."""
    with psycopg.connect(primary.url(database), autocommit=True) as connection:
        position = str(one(connection, "SELECT pg_current_wal_lsn()"))
    deadline = time.monotonic() + SECONDS_TO_CATCH_UP
    with psycopg.connect(standby.url(database), autocommit=True) as connection:
        while not one(connection, f"SELECT pg_last_wal_replay_lsn() >= '{position}'"):
            assert time.monotonic() < deadline, "the standby does not follow"
            time.sleep(0.05)


def one(connection: psycopg.Connection[tuple[object, ...]], query: str) -> object:
    """Returns the first value of a query."""
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]
