"""Takes the picture of docs/page.md: ``make page-picture``. It shows what the traffic of the demo has left behind."""

from __future__ import annotations

import tempfile
from pathlib import Path

from rich.console import Console

from demo.parts import programs, stack
from demo.parts.places import ROOT
from demo.parts.ports import Ports
from demo.parts.steps import Steps
from demo.parts.supervisor import Supervisor
from tests.page import chromium, scenario
from tests.page.watching import settings_of_the_service, start_page

PICTURE = ROOT / "docs" / "page.png"
WIDTH, HEIGHT = 1280, 960


def main() -> None:
    """Starts the parts, plays the scenario, and writes the picture."""
    steps = Steps(Console(stderr=True))
    with tempfile.TemporaryDirectory() as directory:
        owner = Supervisor(Path(directory))
        try:
            settings = settings_of_the_service(owner)
            running = stack.start(owner, programs.bring(steps), Ports(), steps, settings)
            take(start_page(scenario.play(running), owner))
        finally:
            owner.stop()


def take(url: str) -> None:
    """Writes the upper part of the page as a browser shows it."""
    with chromium.browser() as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, java_script_enabled=False)
        page.goto(f"{url}/?refresh=off")
        page.screenshot(path=PICTURE)


if __name__ == "__main__":
    main()
