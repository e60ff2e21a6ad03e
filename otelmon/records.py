"""Values that rooms pass to one another: frozen, slotted, standard library only.

``None`` in a numeric field always means "unknown", never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

KeepReason = Literal["error", "throttled", "slow_db", "slow_http", "leak"]
ThrottleKind = Literal["primary", "secondary"]


@dataclass(frozen=True, slots=True)
class PoolState:
    """Holds what one connection pool looks like at one moment, in connections (``pending``: in requests)."""

    idle: int | None = None
    used: int | None = None
    max: int | None = None
    min: int | None = None
    pending: int | None = None


@dataclass(frozen=True, slots=True)
class CacheState:
    """Holds the running totals of one cache since its creation, and its size now, in entries."""

    hits: int | None = None
    misses: int | None = None
    evictions: int | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Holds what one GitHub answer says about its rate limit.

    ``limit``, ``remaining`` and ``used`` are requests, ``reset`` is unix seconds. Source: the ``x-ratelimit-*``
    headers of https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api.
    """

    limit: int | None = None
    remaining: int | None = None
    used: int | None = None
    reset: int | None = None
    resource: str | None = None


@dataclass(frozen=True, slots=True)
class GitHubAnswer:
    """Holds one answer of the GitHub API, one redirect hop or retry each; ``retry_after`` in seconds."""

    status: int
    owner: str
    rate_limit: RateLimit
    throttle: ThrottleKind | None = None
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """Holds the best known state of one GitHub budget: one owner, one resource, one reset window."""

    owner: str
    resource: str
    limit: int | None
    remaining: int | None
    used: int | None
    reset: int | None


@dataclass(frozen=True, slots=True)
class Checkout:
    """Holds one connection taken from a pool and not yet returned.

    ``since_ns`` is monotonic, ``started_at_ns`` is unix time; ids are those of the span current at the checkout, or
    0. ``code_*`` name the application's calling line.
    """

    pool_name: str
    since_ns: int
    started_at_ns: int
    trace_id: int = 0
    span_id: int = 0
    trace_flags: int = 0
    code_function_name: str | None = None
    code_file_path: str | None = None
    code_line_number: int | None = None
