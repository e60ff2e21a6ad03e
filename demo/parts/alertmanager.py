"""Starts Alertmanager with the routes that ship, every channel of theirs led to the stand-in of who is on call."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from demo.parts.environment import inherited
from demo.parts.places import ROOT
from demo.parts.supervisor import Program
from demo.parts.waiting import answers
from demo.server import LOOPBACK

if TYPE_CHECKING:
    from pathlib import Path

    from demo.parts.ports import Ports
    from demo.parts.stand_ins import Notifications
    from demo.parts.supervisor import Supervisor

NAME = "alertmanager"
SHIPPED = (ROOT / "alerts" / "alertmanager.yml", ROOT / "compose" / "alertmanager" / "alertmanager.yaml")


@dataclass(frozen=True)
class Alertmanager:
    """Holds how to reach a running Alertmanager."""

    url: str


@dataclass(frozen=True)
class Routes:
    """Holds who takes notifications, and the file of routes."""

    notifications: Notifications
    shipped: Path


def shipped_routes() -> Path:
    """Returns the configuration that ships."""
    return next(each for each in SHIPPED if each.exists())


def start(supervisor: Supervisor, program: Path, ports: Ports, routes: Routes) -> Alertmanager:
    """Starts it on loopback without earlier silences and waits until it is ready.

    Args:
        supervisor: owns the process.
        program: the built Alertmanager.
        ports: give it its listener.
        routes: which channel takes what, and where all channels lead.
    """
    address = f"{LOOPBACK}:{ports.take(NAME)}"
    data = supervisor.directory / "alertmanager"
    shutil.rmtree(data, ignore_errors=True)
    supervisor.remove_at_end(data)
    configuration = supervisor.directory / "alertmanager.yaml"
    shipped = routes.shipped.read_text(encoding="utf-8")
    configuration.write_text(led_to(routes.notifications.url, shipped), encoding="utf-8")
    command: list[str | Path] = [
        program, f"--config.file={configuration}", f"--storage.path={data}",
        f"--web.listen-address={address}", "--cluster.listen-address=",
    ]  # fmt: skip
    url = f"http://{address}"
    supervisor.start(Program(NAME, command, inherited(), supervisor.directory), lambda: answers(f"{url}/-/ready"))
    supervisor.tell_address(NAME, url)
    return Alertmanager(url)


def led_to(url: str, shipped: str) -> str:
    """Returns a configuration whose receivers all post to the stand-in; routes, waits and inhibitions stay.

    Args:
        url: of the stand-in, to which ``/notify/<receiver>`` is added.
        shipped: the configuration as YAML.
    """
    configuration = yaml.safe_load(shipped)
    for receiver in configuration["receivers"]:
        name = receiver["name"]
        receiver.clear()
        receiver.update(name=name, webhook_configs=[{"url": f"{url}/notify/{name}", "send_resolved": True}])
    return str(yaml.safe_dump(configuration, sort_keys=False))
