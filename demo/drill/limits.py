"""Which limits a drill lowers, and why: everything else is what ships."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Variable of `otelmon settings` -> value and why.
LOWERED: Mapping[str, tuple[str, str]] = {
    "OTELMON_ALERT_IDLE_IN_TRANSACTION_CRITICAL": ("100", "300 s by default: a drill would only wait longer"),
    "OTELMON_ALERT_REPLICATION_LAG_CRITICAL": ("134217728", "512 MiB by default: spares this machine's disk"),
    "OTELMON_ALERT_USUAL_OFFSET_SECONDS": ("120", "300 s by default: what is usual must be older than that"),
    "OTELMON_LEAK_AFTER": ("15000", "60 s by default: a drill would only wait longer"),
    "OTELMON_COLLECTOR_QUEUE_BYTES": ("25165824", "256 MiB by default: fills with the traffic of one machine"),
}


def value(variable: str) -> str:
    """Returns the lowered value of a variable."""
    return LOWERED[variable][0]


def thresholds() -> dict[str, str]:
    """Returns the lowered thresholds of alert rules by variable."""
    return {name: text for name, (text, _) in LOWERED.items() if name.startswith("OTELMON_ALERT_")}
