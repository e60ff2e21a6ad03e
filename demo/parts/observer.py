"""Starts the observer of the database: the schema is installed, a role that only reads statistics logs in."""

from __future__ import annotations

import secrets
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg2 import sql
from psycopg2.extensions import encrypt_password

from demo.parts import postgres
from demo.parts.environment import inherited
from demo.parts.places import ROOT
from demo.parts.supervisor import Program
from demo.parts.waiting import answers
from demo.server import LOOPBACK
from otelmon.operate.sql.install import install

if TYPE_CHECKING:
    from demo.parts.postgres import Postgres
    from demo.parts.supervisor import Supervisor

NAME = "observer"
READER = "otelmon_reader"
SECONDS_BETWEEN_LOOKS = "2"


@dataclass(frozen=True)
class Observer:
    """Holds where the observer says how it is."""

    url: str
    log: Path


@dataclass(frozen=True)
class Observing:
    """Holds how an observer watches: its name, how often it looks, where it sends, and milliseconds between exports."""

    collector_endpoint: str
    name: str = NAME
    seconds: str = SECONDS_BETWEEN_LOOKS
    metrics_every: int = 10_000


def start(supervisor: Supervisor, port: int, server: Postgres, collector_endpoint: str) -> Observer:
    """Installs the schema, lets the reader in and starts the observer.

    Args:
        supervisor: owns the process.
        port: where it answers about its health.
        server: the server whose database it watches.
        collector_endpoint: where metrics and events go.
    """
    password = prepare(server)
    return observe(supervisor, port, reader_url(server.port, password), Observing(collector_endpoint))


def prepare(server: Postgres) -> str:
    """Installs the schema, lets the reader in, and returns its password."""
    admin_url = server.admin_url.replace("/postgres?", f"/{postgres.DATABASE}?")
    install(admin_url)
    return let_in(admin_url)


def reader_url(port: int, password: str) -> str:
    """Returns the address by which the reader connects."""
    return postgres.address(READER, password, port, postgres.DATABASE)


def observe(supervisor: Supervisor, port: int, dsn: str, observing: Observing) -> Observer:
    """Starts an observer of a database that is prepared and waits until it sees it.

    Args:
        supervisor: owns the process.
        port: where it answers about its health.
        dsn: how the reader connects.
        observing: how it watches.
    """
    command: list[str | Path] = [
        Path(sysconfig.get_path("scripts")) / "otelmon", "observe",
        "--interval", observing.seconds, "--health-port", str(port),
    ]  # fmt: skip
    environment = {
        **inherited(),
        "OTELMON_OBSERVE_DSN": dsn,
        "OTEL_EXPORTER_OTLP_ENDPOINT": observing.collector_endpoint,
        "OTEL_METRIC_EXPORT_INTERVAL": str(observing.metrics_every),
    }
    url = f"http://{LOOPBACK}:{port}"
    supervisor.start(Program(observing.name, command, environment, ROOT), lambda: answers(f"{url}/readyz"))
    supervisor.tell_address(observing.name, f"{url}/status")
    return Observer(url, supervisor.log_of(observing.name))


def let_in(admin_url: str) -> str:
    """Gives the reader a password, of which the server sees the verifier only, and returns it."""
    password = secrets.token_urlsafe(18)
    with postgres.administration(admin_url) as cursor:
        verifier = encrypt_password(password, READER, cursor.connection, "scram-sha-256")
        cursor.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(READER), sql.Literal(verifier)))
    return password
