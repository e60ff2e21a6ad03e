"""Starts VictoriaMetrics with OTLP names turned into those of Prometheus."""

from __future__ import annotations

import shutil
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

NAME = "victoriametrics"
DASHBOARDS = ROOT / "dashboards" / "vmui"


@dataclass(frozen=True)
class VictoriaMetrics:
    """Holds how to reach it; ``otlp_endpoint`` is the full address for metrics."""

    url: str

    @property
    def otlp_endpoint(self) -> str:
        """Returns where OTLP metrics go."""
        return f"{self.url}/opentelemetry/v1/metrics"


def start(supervisor: Supervisor, program: Path, ports: Ports) -> VictoriaMetrics:
    """Starts it on loopback with an empty store and waits until it is ready."""
    address = f"{LOOPBACK}:{ports.take(NAME)}"
    data = supervisor.directory / "victoriametrics"
    shutil.rmtree(data, ignore_errors=True)
    supervisor.remove_at_end(data)
    command: list[str | Path] = [
        program,
        f"-httpListenAddr={address}",
        f"-storageDataPath={data}",
        "-opentelemetry.usePrometheusNaming",
        "-retentionPeriod=2d",
        # A query sees what arrived a second ago; the usual 30 s hide late points from alerts, which nobody has here.
        "-search.latencyOffset=1s",
        # How full its disk is, which nobody else here says.
        "-selfScrapeInterval=10s",
        # A drill fills a small disk nearly to the brim; the usual 100 MB would stop the store before.
        "-storage.minFreeDiskSpaceBytes=10MB",
        "-memory.allowedBytes=256MB",
        # Its own metrics, for the alert of a full disk.
        "-selfScrapeInterval=5s",
        f"-vmui.customDashboardsPath={DASHBOARDS}",
    ]
    url = f"http://{address}"
    supervisor.start(Program(NAME, command, inherited(), supervisor.directory), lambda: answers(f"{url}/health"))
    supervisor.tell_address(NAME, url)
    return VictoriaMetrics(url)
