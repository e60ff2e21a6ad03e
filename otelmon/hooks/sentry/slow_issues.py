"""Reports the first slow call of each statement to Sentry, where all of them are one issue."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import sentry_sdk

from otelmon import guard
from otelmon.hooks.sentry.facts import database_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from otelmon.records import SpanIdentity

# Statements that a process reports in its life, and in one minute: what grows without end is no news.
MOST = 500
MOST_A_MINUTE = 10
SECONDS_OF_A_MINUTE = 60.0
_REPORT = guard.site("hooks.sentry.slow_issue")


class SlowIssues:
    """Reports each statement once a process; that it is one issue is the work of the events' equal fingerprints.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: set[tuple[str, str, str]] = set()
        self._minute = (0.0, 0)

    def told(self, attributes: Mapping[str, str | int | float | bool], span: SpanIdentity) -> None:
        """Takes a slow call, which is reported if it is the first of its statement in this process."""
        guard.call(_REPORT, self._take, attributes, span)

    def _take(self, attributes: Mapping[str, str | int | float | bool], span: SpanIdentity) -> None:
        if "error.type" in attributes:
            # A call that failed is an error first, and reported as one by whoever reports errors.
            return
        facts = database_facts(attributes)
        if facts.issue in self._told or len(self._told) >= MOST or not sentry_sdk.is_initialized():
            return
        if not self._has_room():
            return
        self._told.add(facts.issue)
        contexts: dict[str, dict[str, object]] = {
            "database": dict(facts.context),
            "trace": {"trace_id": f"{span.trace_id:032x}", "span_id": f"{span.span_id:016x}"},
        }
        sentry_sdk.capture_event(
            {
                "message": f"Slow query: {attributes.get('db.query.summary') or attributes.get('db.operation.name')}",
                "level": "warning",
                "logger": "otelmon",
                "fingerprint": ["otelmon.db.slow", *facts.issue],
                "tags": facts.tags,
                "contexts": contexts,
            }
        )

    def _has_room(self) -> bool:
        since, count = self._minute
        now = self._clock()
        if now - since >= SECONDS_OF_A_MINUTE:
            since, count = now, 0
        self._minute = (since, count + 1)
        return count < MOST_A_MINUTE
