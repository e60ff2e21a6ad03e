"""Decides which pooled connections are held for too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from otelmon.records import Checkout

_NS_PER_MS = 1_000_000


def overdue(checkouts: Iterable[Checkout], now_ns: int, leak_after_ms: int) -> tuple[Checkout, ...]:
    """Returns the checkouts that are at least ``leak_after_ms`` old, in the order given.

    Args:
        checkouts: connections that are out at the moment.
        now_ns: the monotonic clock, in nanoseconds.
        leak_after_ms: the age in milliseconds from which a checkout counts as leaked.
    """
    latest = now_ns - leak_after_ms * _NS_PER_MS
    return tuple(checkout for checkout in checkouts if checkout.since_ns <= latest)
