"""Starts the Collector with the profile that ships, and all its back ends on this machine."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.parts.environment import inherited
from demo.parts.supervisor import Program
from demo.parts.waiting import answers
from demo.server import LOOPBACK
from otelmon.operate.collector.configuration import arguments, collector_environment, config_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from demo.parts.jaeger import Jaeger
    from demo.parts.ports import Ports
    from demo.parts.stand_ins import SentryStandIn
    from demo.parts.supervisor import Supervisor
    from demo.parts.victoriametrics import VictoriaMetrics

NAME = "collector"
PROFILE = "single"


@dataclass(frozen=True)
class Collector:
    """Holds where applications send OTLP over HTTP, and where it says whether it is ready."""

    endpoint: str
    health: str = ""


def backends(jaeger: Jaeger, victoriametrics: VictoriaMetrics, sentry: SentryStandIn) -> dict[str, str]:
    """Returns the variables that lead to the back ends."""
    return {
        "OTELMON_COLLECTOR_JAEGER_ENDPOINT": jaeger.otlp_endpoint,
        "OTELMON_COLLECTOR_METRICS_ENDPOINT": victoriametrics.otlp_endpoint,
        "OTELMON_COLLECTOR_OWN_METRICS_ENDPOINT": victoriametrics.otlp_endpoint,
        "OTELMON_COLLECTOR_SENTRY_ENDPOINT": sentry.otlp_endpoint,
        "OTELMON_COLLECTOR_SENTRY_KEY": sentry.public_key,
    }


def start(supervisor: Supervisor, program: Path, ports: Ports, variables: Mapping[str, str]) -> Collector:
    """Starts it on loopback with an empty queue and waits until it is ready.

    Args:
        supervisor: owns the process.
        program: the built Collector.
        ports: give it its listeners.
        variables: of ``collector/env.example``, such as those of ``backends``.
    """
    http, grpc = (f"{LOOPBACK}:{ports.take(name)}" for name in (NAME, "collector-grpc"))
    health = f"{LOOPBACK}:{ports.take('collector-health')}"
    queue = supervisor.directory / "collector-queue"
    shutil.rmtree(queue, ignore_errors=True)
    supervisor.remove_at_end(queue)
    environment = {
        **inherited(),
        "OTELMON_COLLECTOR_OTLP_HTTP": http,
        "OTELMON_COLLECTOR_OTLP_GRPC": grpc,
        "OTELMON_COLLECTOR_HEALTH": health,
        "OTELMON_COLLECTOR_QUEUE_DIRECTORY": str(queue),
        "OTELMON_COLLECTOR_DECISION_WAIT": "2s",
        **variables,
    }
    command: list[str | Path] = [program, *arguments(config_files(PROFILE))]
    supervisor.start(
        Program(NAME, command, collector_environment(environment), supervisor.directory),
        lambda: answers(f"http://{health}"),
    )
    supervisor.tell_address(NAME, f"http://{http}")
    return Collector(f"http://{http}", f"http://{health}")
