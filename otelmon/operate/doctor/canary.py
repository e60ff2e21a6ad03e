"""Plants a canary by a process that starts as an application does."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from otelmon.operate.overview.documents import mapping, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICE = "otelmon-doctor"
SECONDS_TO_PLANT = 60.0
MODULE = "otelmon.operate.doctor.canary_process"
# A canary has nobody to answer to, and beats for nobody.
LEFT_OUT = ("OTELMON_HEALTH_ADDRESS", "OTELMON_HEARTBEAT_DIRECTORY", "OTELMON_HEARTBEAT_URL", "OTELMON_CANARY_INTERVAL")


@dataclass(frozen=True, slots=True)
class Planted:
    """Holds what became of a canary in its own process.

    ``active`` tells whether otelmon was switched on; ``trace_id`` is empty where the SDK made no span; ``instance`` is
    the label by which its metrics are found; ``lost`` says why its spans were not delivered; ``troubles`` why a signal
    was not; ``trouble`` why the process itself failed.
    """

    active: bool = False
    trace_id: str = ""
    instance: str = ""
    started: int = 0
    delivered: int = 0
    lost: Mapping[str, int] = field(default_factory=dict)
    troubles: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""


def plant(environment: Mapping[str, str]) -> Planted:
    """Sends a canary with an application's environment; takes about a second, and at most a minute."""
    document, trouble = run(environment)
    if trouble:
        return Planted(trouble=trouble)
    books = [mapping(each) for each in mapping(document.get("books")).values()]
    lost: dict[str, int] = {}
    for each in books:
        for reason, count in mapping(each.get("lost")).items():
            lost[reason] = lost.get(reason, 0) + _count(count)
    return Planted(
        document.get("active") is True,
        str(document.get("trace_id", "")),
        str(document.get("instance", "")),
        sum(_count(each.get("started")) for each in books),
        sum(_count(each.get("delivered")) for each in books),
        lost,
        texts(document.get("troubles")),
    )


def run(environment: Mapping[str, str], *arguments: str) -> tuple[Mapping[str, object], str]:
    """Runs the process and returns what it wrote, or why it wrote nothing."""
    kept = {name: value for name, value in environment.items() if name not in LEFT_OUT}
    try:
        done = subprocess.run(  # noqa: S603 - this very Python
            [sys.executable, "-m", MODULE, *arguments],
            env={**kept, "OTEL_SERVICE_NAME": SERVICE},
            capture_output=True, text=True, timeout=SECONDS_TO_PLANT, check=False,
        )  # fmt: skip
        return mapping(json.loads(done.stdout.strip().splitlines()[-1])), ""
    except subprocess.TimeoutExpired:
        return {}, f"it did not end within {SECONDS_TO_PLANT:.0f} s"
    except (OSError, ValueError, IndexError):
        return {}, "it ended without a word"


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
