"""Starts a stack that a page can watch, and the page."""

from __future__ import annotations

import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from demo.parts.environment import inherited
from demo.parts.places import ROOT
from demo.parts.ports import free_port
from demo.parts.supervisor import Program
from demo.parts.waiting import answers, wait_for
from tests.page.scenario import text_of

if TYPE_CHECKING:
    from demo.parts.supervisor import Supervisor
    from tests.page.scenario import Scenario

HEALTH = "health"
SECONDS_TO_READ = 30.0


def settings_of_the_service(supervisor: Supervisor) -> dict[str, str]:
    """Returns settings with which the service tells of its health; where, is written into the supervisor's state."""
    port = free_port()
    supervisor.tell_address(HEALTH, f"http://127.0.0.1:{port}/status")
    return {
        "OTELMON_HEALTH_ADDRESS": f"127.0.0.1:{port}",
        "OTEL_RESOURCE_ATTRIBUTES": "service.version=1.4.2,deployment.environment.name=test",
    }


def start_page(watched: Scenario, supervisor: Supervisor) -> str:
    """Starts `otelmon page` before the scenario's parts and returns its address when it has read them once."""
    stack, port = watched.stack, free_port()
    addresses = {
        "OTELMON_METRICS_URL": stack.victoriametrics.url,
        "OTELMON_ALERTMANAGER_URL": stack.alertmanager.url,
        "OTELMON_JAEGER_URL": stack.jaeger.url,
        "OTELMON_STATUS_URLS": f"{stack.observer.url}/status,{stack.supervisor.state.addresses[HEALTH]}",
    }
    command = [Path(sysconfig.get_path("scripts")) / "otelmon", "page", "--port", str(port), "--every", "2"]
    url = f"http://127.0.0.1:{port}"
    supervisor.start(Program("page", command, {**inherited(), **addresses}, ROOT), lambda: answers(f"{url}/livez"))
    assert wait_for(lambda: "Reading the sources" not in text_of(f"{url}/"), SECONDS_TO_READ)
    return url
