"""One stack with known traffic, a page that watches it, and a browser."""

from __future__ import annotations

import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo.parts import stack as stack_part
from demo.parts.environment import inherited
from demo.parts.places import ROOT
from demo.parts.ports import free_port
from demo.parts.supervisor import Program, Supervisor
from demo.parts.waiting import answers, wait_for
from tests.page import chromium, scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from demo.parts.ports import Ports
    from demo.parts.programs import Programs
    from demo.parts.steps import Steps
    from tests.page.scenario import Scenario

SECONDS_TO_READ = 30.0
pytest.register_assert_rewrite("tests.page.ground_truth")


@pytest.fixture(scope="session")
def watched(
    tmp_path_factory: pytest.TempPathFactory, ports: Ports, steps: Steps, all_programs: Programs
) -> Iterator[Scenario]:
    """Starts every part, plays the scenario, and ends them."""
    owner = Supervisor(tmp_path_factory.mktemp("watched"))
    health = free_port()
    settings = {
        "OTELMON_HEALTH_ADDRESS": f"127.0.0.1:{health}",
        "OTEL_RESOURCE_ATTRIBUTES": "service.version=1.4.2,deployment.environment.name=test",
    }
    try:
        running = stack_part.start(owner, all_programs, ports, steps, settings)
        owner.tell_address("health", f"http://127.0.0.1:{health}/status")
        yield scenario.play(running)
    finally:
        owner.stop()


def start_page(watched: Scenario, supervisor: Supervisor, name: str, *options: str, **environment: str) -> str:
    """Starts `otelmon page` before the scenario's parts and returns its address when it has read them once."""
    stack, port = watched.stack, free_port()
    addresses = {
        "OTELMON_METRICS_URL": stack.victoriametrics.url,
        "OTELMON_ALERTMANAGER_URL": stack.alertmanager.url,
        "OTELMON_JAEGER_URL": stack.jaeger.url,
        "OTELMON_STATUS_URLS": f"{stack.observer.url}/status,{stack.supervisor.state.addresses['health']}",
        **environment,
    }
    program = Path(sysconfig.get_path("scripts")) / "otelmon"
    command = [program, "page", "--port", str(port), "--every", "2", *options]
    url = f"http://127.0.0.1:{port}"
    supervisor.start(Program(name, command, {**inherited(), **addresses}, ROOT), lambda: answers(f"{url}/livez"))
    assert wait_for(lambda: "Reading the sources" not in scenario.text_of(f"{url}/"), SECONDS_TO_READ)
    return url


@pytest.fixture(scope="session")
def page_url(watched: Scenario, supervisor: Supervisor) -> str:
    """Returns the address of a page that watches the scenario."""
    return start_page(watched, supervisor, "page")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Returns a browser."""
    with chromium.browser() as started:
        yield started
