"""Starts the reference service the way its users do: opentelemetry-instrument in front of gunicorn."""

from __future__ import annotations

import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from demo.parts.environment import inherited
from demo.parts.pace import QUICK, Pace
from demo.parts.places import ROOT
from demo.parts.supervisor import Program
from demo.parts.waiting import answers
from demo.server import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.parts.postgres import Postgres
    from demo.parts.stand_ins import GitHubStandIn
    from demo.parts.supervisor import Supervisor

NAME = "service"
SERVICE_NAME = "contributors"
THREADS = "8"


@dataclass(frozen=True)
class Service:
    """Holds how to reach the running service."""

    port: int
    url: str
    log: Path


def start(
    supervisor: Supervisor,
    port: int,
    postgres: Postgres,
    github: GitHubStandIn,
    telemetry: Mapping[str, str],
) -> Service:
    """Starts the service and waits until it answers.

    Args:
        supervisor: owns the process.
        port: where it listens.
        postgres: the database that it reads.
        github: the GitHub that it asks.
        telemetry: variables of OpenTelemetry and otelmon; another OTEL_SERVICE_NAME makes it another part.
    """
    scripts = Path(sysconfig.get_path("scripts"))
    command: list[str | Path] = [
        scripts / "opentelemetry-instrument", scripts / "gunicorn", "demo.service.app:create_app()",
        "--bind", f"{LOOPBACK}:{port}", "--worker-class", "gthread", "--workers", "1", "--threads", THREADS,
        "--graceful-timeout", "5", "--no-control-socket",
    ]  # fmt: skip
    environment = {
        **inherited(),
        "DATABASE_URL": postgres.url,
        "GITHUB_URL": github.url,
        "GITHUB_TOKEN": github.token,
        "OTEL_SERVICE_NAME": SERVICE_NAME,
        **telemetry,
    }
    name = NAME if environment["OTEL_SERVICE_NAME"] == SERVICE_NAME else environment["OTEL_SERVICE_NAME"]
    url = f"http://{LOOPBACK}:{port}"
    supervisor.start(Program(name, command, environment, ROOT), lambda: answers(f"{url}/livez"))
    supervisor.tell_address(name, url)
    return Service(port, url, supervisor.log_of(name))


def telemetry_to(collector_endpoint: str, github: GitHubStandIn, pace: Pace = QUICK) -> dict[str, str]:
    """Returns the variables that send everything to a Collector, in a demo with short times so that nobody waits."""
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector_endpoint,
        "OTEL_METRIC_EXPORT_INTERVAL": str(pace.metrics_every),
        "OTEL_BSP_SCHEDULE_DELAY": str(pace.spans_every),
        "OTELMON_GITHUB_HOSTS": f"{LOOPBACK}:{github.port}",
        "OTELMON_LEAK_AFTER": str(pace.leak_after),
        "OTELMON_SLOW_QUERY_THRESHOLD": "500",
    }
