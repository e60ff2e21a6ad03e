"""Decides whether an operation was slow."""

from __future__ import annotations

_NS_PER_MS = 1_000_000


def is_slow(duration_ns: int, threshold_ms: int) -> bool:
    """Tells whether a duration in nanoseconds reaches a threshold in milliseconds."""
    return duration_ns >= slow_from_ns(threshold_ms)


def slow_from_ns(threshold_ms: int) -> int:
    """Returns the shortest slow duration, in nanoseconds, for whoever asks often."""
    return threshold_ms * _NS_PER_MS
