"""What the doctor says of one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["ok", "finding", "unknown"]


@dataclass(frozen=True, slots=True)
class Result:
    """Holds one verdict: what was seen, and where it is a finding how to mend it.

    ``unknown`` is what could not be judged: not configured here, or behind a hop that has lost the canary.
    """

    group: Literal["way", "application", "database", "clock"]
    name: str
    outcome: Outcome
    seen: str
    fix: str = ""


def exit_code(results: list[Result]) -> int:
    """Returns 1 where there are findings, else 0."""
    return 1 if any(each.outcome == "finding" for each in results) else 0
