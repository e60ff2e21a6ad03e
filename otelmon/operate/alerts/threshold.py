"""What a threshold is: a number with a unit, a default and the range in which it makes sense."""

from __future__ import annotations

import math
from dataclasses import dataclass

PREFIX = "OTELMON_ALERT_"


@dataclass(frozen=True, slots=True)
class Threshold:
    """Describes one number that decides about an alert; ``low`` and ``high`` are both inclusive."""

    name: str
    default: float
    unit: str
    low: float
    high: float
    meaning: str

    @property
    def variable(self) -> str:
        """Returns the environment variable that sets it."""
        return f"{PREFIX}{self.name.upper()}"

    @property
    def safe_range(self) -> str:
        """Returns the accepted values as one readable phrase."""
        return f"{number(self.low)} to {number(self.high)}"

    def accepts(self, value: object) -> bool:
        """Returns whether a value, a number or its text, can be used."""
        return self.read(value) is not None

    def read(self, value: object) -> float | None:
        """Returns a value as a number, None where it is none or lies outside the range."""
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            return None
        try:
            read = float(value)
        except (ValueError, OverflowError):
            return None
        return read if math.isfinite(read) and self.low <= read <= self.high else None


def number(value: float) -> str:
    """Writes a number as PromQL and YAML read it: without an exponent, without needless digits."""
    return f"{value:.10f}".rstrip("0").rstrip(".")
