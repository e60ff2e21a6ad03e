"""What is planted: four faults with values in them that nobody outside the service may ever see."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

SLOW_QUERY = "slow query"
FAILING_QUERY = "failing query"
THROTTLED_CALL = "throttled GitHub call"
LEAKED_CONNECTION = "leaked connection"


def _value(kind: str) -> str:
    """Returns a value that occurs nowhere else."""
    return f"{kind}{secrets.token_hex(12)}"


@dataclass(frozen=True, slots=True)
class PlantedValues:
    """Holds the values of one run, made at random."""

    literal: str = field(default_factory=lambda: f"{_value('jane')}@example.org")
    unique: str = field(default_factory=lambda: f"{_value('joan')}@example.org")
    access_token: str = field(default_factory=lambda: _value("t"))

    def by_meaning(self) -> dict[str, str]:
        """Returns each value by what it is."""
        return {
            "literal in SQL text": self.literal,
            "value in PostgreSQL's DETAIL": self.unique,
            "access_token in a URL": self.access_token,
        }


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """Holds one fault that was planted and the trace of its request."""

    name: str
    trace_id: str
