"""Decides which pooled connections are held for too long, and what kind of leak each is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from otelmon.records import ConnectionUse, LeakKind

_NS_PER_MS = 1_000_000


def is_overdue(last_needed_ns: int, now_ns: int, leak_after_ms: int) -> bool:
    """Tells whether a connection has been out for too long without being needed.

    Args:
        last_needed_ns: when it was taken, or last seen at work; monotonic, in nanoseconds.
        now_ns: the same clock.
        leak_after_ms: the time in milliseconds from which a checkout counts as leaked.
    """
    return now_ns - last_needed_ns >= leak_after_ms * _NS_PER_MS


def leak_kind(use: ConnectionUse | None) -> LeakKind | None:
    """Returns what kind of leak an overdue connection is, or None for one that is needed.

    Needed is a connection on which a statement runs, so that a report of any length is no leak, and one that its pool
    assigns to a thread for good.
    """
    if use == "busy" or use == "kept":  # noqa: PLR1714 - narrows the type
        return None
    return use or "unknown"
