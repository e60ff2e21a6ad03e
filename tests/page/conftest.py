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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Runs the modules of this folder one after the other: what they look at is known for 15 minutes, then too old."""
    here = [item for item in items if "/tests/page/" in item.path.as_posix()]
    if here:
        first = items.index(here[0])
        items[:] = [*items[:first], *here, *(item for item in items[first:] if item not in set(here))]


@pytest.fixture(scope="package")
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


@pytest.fixture(scope="package")
def page_url(watched: Scenario) -> str:
    """Returns the address of a page that watches the scenario, and ends with it."""
    return start_page(watched, watched.stack.supervisor)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Returns a browser; its event loop lives in this thread, where later tests need none."""
    with chromium.browser() as started:
        yield started
