"""Decides why a span is kept whatever sampling says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from otelmon.records import KeepReason


def keep_reason(*, error: bool, throttled: bool, slow_db: bool, slow_http: bool, leak: bool) -> KeepReason | None:
    """Returns the first reason that applies, in the order of the parameters, or None for an ordinary span."""
    reasons: tuple[tuple[bool, KeepReason], ...] = (
        (error, "error"),
        (throttled, "throttled"),
        (slow_db, "slow_db"),
        (slow_http, "slow_http"),
        (leak, "leak"),
    )
    return next((reason for applies, reason in reasons if applies), None)
