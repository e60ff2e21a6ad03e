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
    """Returns what kind of leak an overdue connection is; None while a statement runs on it.

    A report may take as long as it takes: its connection is needed.
    """
    return None if use == "busy" else use or "unknown"
