"""Starts vmalert with the rules that ship."""

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

    from demo.parts.alertmanager import Alertmanager
    from demo.parts.ports import Ports
    from demo.parts.supervisor import Supervisor
    from demo.parts.victoriametrics import VictoriaMetrics

NAME = "vmalert"
SHIPPED = (ROOT / "alerts" / "rules", ROOT / "compose" / "vmalert")
SECONDS_BETWEEN_EVALUATIONS = 10


@dataclass(frozen=True)
class Vmalert:
    """Holds how to reach a running vmalert."""

    url: str


def shipped_rules() -> tuple[Path, ...]:
    """Returns the files of rules that ship."""
    folder = next(each for each in SHIPPED if each.is_dir())
    return tuple(sorted((*folder.glob("*.yaml"), *folder.glob("*.yml"))))


@dataclass(frozen=True)
class Task:
    """Holds whom vmalert asks, whom it tells, and by which files of rules."""

    metrics: VictoriaMetrics
    alertmanager: Alertmanager
    rules: tuple[Path, ...]


def start(supervisor: Supervisor, program: Path, ports: Ports, task: Task) -> Vmalert:
    """Starts it on loopback and waits until it has read its rules.

    Args:
        supervisor: owns the process.
        program: the built vmalert.
        ports: give it its listener.
        task: what it does; the state of alerts is kept where it asks.
    """
    address = f"{LOOPBACK}:{ports.take(NAME)}"
    command: list[str | Path] = [
        program,
        *(f"-rule={each}" for each in task.rules),
        f"-datasource.url={task.metrics.url}",
        f"-remoteWrite.url={task.metrics.url}",
        f"-remoteRead.url={task.metrics.url}",
        f"-notifier.url={task.alertmanager.url}",
        f"-httpListenAddr={address}",
        f"-evaluationInterval={SECONDS_BETWEEN_EVALUATIONS}s",
        # As VictoriaMetrics' own -search.latencyOffset in this stack; the usual 30 s would be added to every alert.
        "-rule.evalDelay=1s",
        "-remoteWrite.flushInterval=1s",
    ]
    url = f"http://{address}"
    supervisor.start(Program(NAME, command, inherited(), supervisor.directory), lambda: answers(f"{url}/health"))
    supervisor.tell_address(NAME, url)
    return Vmalert(url)
