"""What otelmon adds beside what each peer adds, and whether that has become worse than it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.variants import BARE, OTELMON, WITH_METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.variants import Variant

BASELINE = Path(__file__).parent / "baseline.json"
# A ratio may be so much worse than the committed one.
MOST_WORSE = 1.25


def added(summary: Mapping[str, Mapping[str, Any]], work: str, variant: str) -> float:
    """Returns the median of the CPU time that a variant adds, in microseconds an operation."""
    median: float = summary[work][variant]["cpu_us_added"]["median"]
    return median


def comparable(summary: Mapping[str, Mapping[str, Any]], work: str, variant: Variant) -> bool:
    """Tells whether a peer did the same: it saw every operation, and what it made arrived."""
    figures = summary[work][variant.name]
    ours = summary[work][OTELMON.name]
    return (
        variant.is_counted
        and variant.traced
        and figures["spans"] is not None
        and figures["spans"] >= ours["spans"]
        and (figures["delivered"] or 0) > DELIVERED
    )


# A span that arrives after its block's end counts for the next block; all but so many must have arrived in time.
DELIVERED = 0.999


def ratio(summary: Mapping[str, Mapping[str, Any]], work: str, peer: Variant) -> float | None:
    """Returns how many times what a peer adds otelmon adds, None where that says nothing."""
    if not comparable(summary, work, peer):
        return None
    theirs = added(summary, work, peer.name)
    return added(summary, work, OTELMON.name) / theirs if theirs > 0 else None


def ratios(summary: Mapping[str, Mapping[str, Any]], variants: Sequence[Variant]) -> dict[str, dict[str, float | None]]:
    """Returns the ratios by work and peer."""
    peers = [each for each in variants if each not in (BARE, OTELMON)]
    return {work: {peer.name: ratio(summary, work, peer) for peer in peers} for work in summary}


def kept() -> dict[str, float]:
    """Returns the committed ratios to OpenTelemetry with metrics, by work."""
    found: dict[str, float] = json.loads(BASELINE.read_text(encoding="utf-8"))["ratios"]
    return found


def worse(found: Mapping[str, Mapping[str, float | None]], before: Mapping[str, float]) -> list[str]:
    """Says which ratios to OpenTelemetry with metrics are worse than they may be."""
    said = []
    for work, most in before.items():
        now = found[work][WITH_METRICS.name]
        if now is None or now > most * MOST_WORSE:
            shown = "not comparable" if now is None else f"{now:.2f}"
            said.append(f"{work}: {shown} times {WITH_METRICS.name}, at most {most * MOST_WORSE:.2f} is allowed")
    return said
