"""Decides whether an operation was slow."""

from __future__ import annotations

_NS_PER_MS = 1_000_000


def is_slow(duration_ns: int, threshold_ms: int) -> bool:
    """Tells whether a duration in nanoseconds reaches a threshold in milliseconds."""
    return duration_ns >= threshold_ms * _NS_PER_MS
