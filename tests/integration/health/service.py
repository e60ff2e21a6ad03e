"""Starts services with health, and tells of those who serve."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from demo.parts.waiting import wait_for
from tests.integration.health.asking import asked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Any

SECONDS_TO_START = 90.0


def environment(address: str, folder: Path) -> dict[str, str]:
    """Returns the environment of a service that exports nothing and answers health at an address."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "OTELMON_"))}
    return kept | {
        "OTEL_TRACES_EXPORTER": "none",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
        "OTEL_SERVICE_NAME": "shop",
        "OTELMON_HEALTH_ADDRESS": address,
        "TMPDIR": str(folder),
        "HOME": str(folder),
    }


def start(
    command: Sequence[str], address: str, folder: Path, more: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Starts a Python program in a folder, with more variables; what it writes goes to log.txt there."""
    with (folder / "log.txt").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=folder,
            env=environment(address, folder) | dict(more or {}),
            stdout=log,
            stderr=log,
        )


def workers(address: str) -> list[dict[str, Any]]:
    """Returns who is shown at an address."""
    return list(asked(address, "/status")[1].get("workers", ()))


def shown(address: str) -> list[dict[str, Any]]:
    """Returns who is shown with a state; who has a place and has shown nothing yet is not."""
    return [each for each in workers(address) if "pid" in each]


def wait_for_workers(address: str, count: int) -> list[dict[str, Any]]:
    """Returns the living workers as soon as there are so many, each with a state of its own to be read."""

    def enough() -> list[dict[str, Any]]:
        living = [each for each in shown(address) if each["state"] == "live"]
        return living if len(living) == count else []

    found = wait_for(enough, SECONDS_TO_START)
    assert found, f"{count} living workers wanted, there are {workers(address)}"
    return found
