"""What is told of one ``OTELMON_*`` variable: name, meaning, unit, default and safe range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["boolean", "integer", "choice", "names", "secret", "path", "secret_url", "address", "ratio"]


@dataclass(frozen=True, slots=True)
class Variable:
    """Describes one environment variable; ``low`` and ``high`` bound integers, both inclusive."""

    name: str
    field: str
    kind: Kind
    default: str
    unit: str
    meaning: str
    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()

    @property
    def safe_range(self) -> str:
        """Returns the accepted values as one readable phrase."""
        if self.kind == "integer":
            return f"{self.low} to {self.high}"
        if self.kind == "boolean":
            return "true; anything else is false"
        if self.kind == "secret_url":
            return "http:// or https:// with a host"
        if self.kind == "ratio":
            return "off, or a number above 0 and below 1"
        if self.kind == "address":
            return "host:port"
        return ", ".join(self.choices) if self.choices else "any"
