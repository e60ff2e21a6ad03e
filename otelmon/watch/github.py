"""Reports GitHub budgets that run low and secondary limits that come near."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from opentelemetry import trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.records import Budget, SecondaryUse
    from otelmon.registry import HookRegistry
    from otelmon.watch.checkout_facts import Emit

LOW, NEAR = "otelmon.github.budget_low", "otelmon.github.secondary_limit_near"
# Forecasts rest on minutes of use, and metrics are exported every ten seconds.
SECONDS_BETWEEN_LOOKS = 5.0
_PREFIX = "otelmon.github."
Attributes = dict[str, "str | int | float | bool"]


class GitHubReports:
    """Emits one event for each window and level, and one for each time that a secondary limit comes near.

    Args:
        registry: where hooks note what GitHub answers.
        emit: takes an event's name, attributes, trace id and span id.
    """

    def __init__(self, registry: HookRegistry, emit: Emit) -> None:
        self._book = registry.github
        self._emit = emit
        self._looked_at = -SECONDS_BETWEEN_LOOKS

    def tasks(self) -> list[tuple[str, Callable[[], None]]]:
        """Returns what the watch does in every round, by name."""
        return [("github", self._look)]

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked_at >= SECONDS_BETWEEN_LOOKS:
            self._looked_at = now
            self._book.look()

    def low(self, budget: Budget) -> None:
        """Reports a window that has newly reached a level, in the trace of the call that did it where there is one."""
        self._send(LOW, low_attributes(budget))

    def near(self, use: SecondaryUse) -> None:
        """Reports a secondary limit that has come near."""
        attributes: Attributes = {
            f"{_PREFIX}owner": use.owner,
            f"{_PREFIX}secondary_limit.rule": use.rule,
            f"{_PREFIX}secondary_limit.used_ratio": use.ratio,
        }
        self._send(NEAR, attributes if use.route is None else {**attributes, f"{_PREFIX}route": use.route})

    def _send(self, name: str, attributes: Attributes) -> None:
        context = trace.get_current_span().get_span_context()
        self._emit(name, attributes, trace_id=context.trace_id, span_id=context.span_id)


def low_attributes(budget: Budget) -> Attributes:
    """Returns the facts of one budget as scalars; what is not known is absent."""
    foretold = budget.forecast
    known: dict[str, str | int | float | None] = {
        f"{_PREFIX}owner": budget.owner,
        f"{_PREFIX}level": budget.level,
        f"{_PREFIX}rate_limit.resource": budget.resource,
        f"{_PREFIX}rate_limit.limit": budget.limit,
        f"{_PREFIX}rate_limit.remaining": budget.remaining,
        f"{_PREFIX}rate_limit.used": budget.used,
        f"{_PREFIX}rate_limit.reset": budget.reset,
        f"{_PREFIX}rate_limit.reset_in": budget.reset_in,
        f"{_PREFIX}rate_limit.exhausted_in": foretold and foretold.estimate,
        f"{_PREFIX}rate_limit.exhausted_earliest_in": foretold and foretold.earliest,
        f"{_PREFIX}rate_limit.exhausted_latest_in": foretold and foretold.latest,
    }
    return {name: value for name, value in known.items() if value is not None}
