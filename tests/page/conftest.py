"""One stack with known traffic, a page that watches it, and a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from demo.parts import stack as stack_part
from demo.parts.supervisor import Supervisor
from tests.page import chromium, scenario
from tests.page.watching import settings_of_the_service, start_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from demo.parts.ports import Ports
    from demo.parts.programs import Programs
    from demo.parts.steps import Steps
    from tests.page.scenario import Scenario

pytest.register_assert_rewrite("tests.page.ground_truth")


@pytest.fixture(scope="session")
def watched(
    tmp_path_factory: pytest.TempPathFactory, ports: Ports, steps: Steps, all_programs: Programs
) -> Iterator[Scenario]:
    """Starts every part, plays the scenario, and ends them."""
    owner = Supervisor(tmp_path_factory.mktemp("watched"))
    try:
        running = stack_part.start(owner, all_programs, ports, steps, settings_of_the_service(owner))
        yield scenario.play(running)
    finally:
        owner.stop()


@pytest.fixture(scope="session")
def page_url(watched: Scenario, supervisor: Supervisor) -> str:
    """Returns the address of a page that watches the scenario."""
    return start_page(watched, supervisor)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Returns a browser; its event loop lives in this thread, where later tests need none."""
    with chromium.browser() as started:
        yield started
