"""Starts Jaeger, which keeps traces in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.parts.environment import inherited
from demo.parts.places import ROOT
from demo.parts.supervisor import Program
from demo.parts.waiting import answers
from demo.server import LOOPBACK

if TYPE_CHECKING:
    from pathlib import Path

    from demo.parts.ports import Ports
    from demo.parts.supervisor import Supervisor

NAME = "jaeger"
CONFIGURATION = ROOT / "parts" / "jaeger" / "config.yaml"


@dataclass(frozen=True)
class Jaeger:
    """Holds how to reach a running Jaeger: ``url`` answers queries, ``otlp_endpoint`` takes traces."""

    url: str
    otlp_endpoint: str


def start(supervisor: Supervisor, program: Path, ports: Ports, most_traces: int = 50_000) -> Jaeger:
    """Starts it on loopback and waits until it is ready; of more traces than it may keep it forgets the oldest."""
    query, otlp = (f"{LOOPBACK}:{ports.take(name)}" for name in (NAME, "jaeger-otlp"))
    grpc, health = (f"{LOOPBACK}:{ports.take(name)}" for name in ("jaeger-grpc", "jaeger-health"))
    environment = {
        **inherited(),
        "JAEGER_QUERY": query,
        "JAEGER_OTLP_HTTP": otlp,
        "JAEGER_QUERY_GRPC": grpc,
        "JAEGER_HEALTH": health,
        "JAEGER_MAX_TRACES": str(most_traces),
        # Else it traces its own queries to whatever listens on port 4317, and waits for that when it ends.
        "OTEL_TRACES_SAMPLER": "always_off",
    }
    command: list[str | Path] = [program, f"--config={CONFIGURATION}"]
    supervisor.start(
        Program(NAME, command, environment, supervisor.directory),
        lambda: answers(f"http://{health}/status") and answers(f"http://{query}/api/services"),
    )
    supervisor.tell_address(NAME, f"http://{query}")
    return Jaeger(f"http://{query}", f"http://{otlp}")
