"""Decides whether and after how long a failed delivery is tried again."""

from __future__ import annotations

# https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes
RETRYABLE_STATUSES = frozenset({429, 502, 503, 504})
LONGEST_WAIT = 8.0


def is_retryable(status: int) -> bool:
    """Tells whether the protocol lets a sender try again after this HTTP status."""
    return status in RETRYABLE_STATUSES


def next_wait(attempt: int, retry_after: float | None, remaining: float) -> float | None:
    """Returns the seconds to wait before the next attempt, or None when there is no time for one.

    The first retry follows at once: a refused first attempt is most often a kept-alive connection that has gone stale.

    Args:
        attempt: how many attempts have failed, from 1.
        retry_after: seconds that the receiver asked for, if it did.
        remaining: seconds left for the whole delivery.
    """
    backoff = 0.0 if attempt == 1 else min(LONGEST_WAIT, 2.0 ** (attempt - 2))
    wait = backoff if retry_after is None else max(backoff, retry_after)
    return wait if wait < remaining else None
