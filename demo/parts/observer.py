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


def start(supervisor: Supervisor, port: int, server: Postgres, collector_endpoint: str) -> Observer:
    """Installs the schema, lets the reader in and starts the observer.

    Args:
        supervisor: owns the process.
        port: where it answers about its health.
        server: the server whose database it watches.
        collector_endpoint: where metrics and events go.
    """
    admin_url = server.admin_url.replace("/postgres?", f"/{postgres.DATABASE}?")
    install(admin_url)
    password = let_in(admin_url)
    command: list[str | Path] = [
        Path(sysconfig.get_path("scripts")) / "otelmon", "observe",
        "--interval", SECONDS_BETWEEN_LOOKS, "--health-port", str(port),
    ]  # fmt: skip
    environment = {
        **inherited(),
        "OTELMON_OBSERVE_DSN": postgres.address(READER, password, server.port, postgres.DATABASE),
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector_endpoint,
    }
    url = f"http://{LOOPBACK}:{port}"
    supervisor.start(Program(NAME, command, environment, ROOT), lambda: answers(f"{url}/readyz"))
    supervisor.tell_address(NAME, f"{url}/status")
    return Observer(url, supervisor.log_of(NAME))


def let_in(admin_url: str) -> str:
    """Gives the reader a password, of which the server sees the verifier only, and returns it."""
    password = secrets.token_urlsafe(18)
    with postgres.administration(admin_url) as cursor:
        verifier = encrypt_password(password, READER, cursor.connection, "scram-sha-256")
        cursor.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(READER), sql.Literal(verifier)))
    return password
