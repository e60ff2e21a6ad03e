"""Doors of health on free addresses of loopback."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from otelmon.health.access import Access
from otelmon.health.door import HealthDoor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from demo.parts.ports import Ports

STATE = {"status": "ok", "reasons": [], "checks": {}}


@pytest.fixture
def address(ports: Ports) -> str:
    """Returns a free address of loopback."""
    return f"127.0.0.1:{ports.take('health')}"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Callable[..., HealthDoor]]:
    """Makes doors that a thread looks through, as the watch does, and closes them."""
    doors: list[HealthDoor] = []
    over = threading.Event()

    def look(made: HealthDoor) -> None:
        while not over.wait(0.05):
            for _, task in made.tasks():
                task()

    threads: list[threading.Thread] = []

    def make(address: str, access: Access | str = "") -> HealthDoor:
        given = Access(access) if isinstance(access, str) else access
        made = HealthDoor(address, given, lambda: "shop", "0", tmp_path, lambda: dict(STATE))
        doors.append(made)
        threads.append(threading.Thread(target=look, args=(made,)))
        threads[-1].start()
        return made

    yield make
    over.set()
    for thread in threads:
        thread.join()
    for each in doors:
        each.finish()
