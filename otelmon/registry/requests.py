"""Knows which request a span belongs to: the outermost recorded span of this process that is above it."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.trace import Span

# The name in the instance dictionary of each span that belongs to one.
REQUEST = "_otelmon_request"
# Far more than one process handles at a time; statements of requests beyond it are not compared.
MOST_REQUESTS = 20_000


class Request:
    """Holds what the database calls of one request leave behind; it goes with its spans.

    ``counts`` has executions by statement, ``attempts`` failed executions by span and statement, ``sites`` what is
    known of statements that repeat, by statement and line.
    """

    __slots__ = ("__weakref__", "attempts", "counts", "is_watched", "root", "sites")

    def __init__(self, root: Span) -> None:
        self.root = weakref.ref(root)
        self.counts: dict[str, int] = {}
        self.attempts: dict[tuple[int, str], int] = {}
        self.sites: dict[tuple[str, object], Any] = {}
        self.is_watched = False


def root_of(span: Span) -> Span | None:
    """Returns the outermost span of the request that a span belongs to, None where it belongs to none."""
    request: Request | None = getattr(span, REQUEST, None)
    return None if request is None else request.root()


class Requests:
    """Begins requests, at most ``limit`` at a time."""

    def __init__(self, limit: int = MOST_REQUESTS) -> None:
        self._limit = limit
        self._live: weakref.WeakSet[Request] = weakref.WeakSet()

    def __len__(self) -> int:
        return len(self._live)

    def clear(self) -> None:
        """Forgets every request, in a forked child."""
        self._live = weakref.WeakSet()

    def begin(self, span: Span, parent: Span) -> None:
        """Notes the start of a recorded span below another one, or below none of this process."""
        request = getattr(parent, REQUEST, None)
        if request is None:
            if len(self._live) >= self._limit:
                return
            request = Request(span)
            self._live.add(request)
        span.__dict__[REQUEST] = request
