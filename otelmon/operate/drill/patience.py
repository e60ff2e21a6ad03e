"""How long a drill waits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Holds seconds: beyond the limit that is judged, so that a late alert is shown as late."""

    to_tell: float = 200.0
    to_clear: float = 420.0
    between_looks: float = 0.5
