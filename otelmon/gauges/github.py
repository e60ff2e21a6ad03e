"""Shows GitHub budgets and what the API answered."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from otelmon.gauges.points import known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from otelmon.gauges.points import Point
    from otelmon.records import Budget
    from otelmon.registry import HookRegistry


def github_sources(registry: HookRegistry) -> dict[str, Callable[[], Iterable[Point]]]:
    """Returns what the instruments of the GitHub API read."""
    return {
        "otelmon.github.rate_limit.limit": lambda: _budgets(registry, lambda budget, _: budget.limit),
        "otelmon.github.rate_limit.remaining": lambda: _budgets(registry, lambda budget, _: budget.remaining),
        "otelmon.github.rate_limit.used": lambda: _budgets(registry, lambda budget, _: budget.used),
        "otelmon.github.rate_limit.reset_in": lambda: _budgets(registry, _reset_in),
        "otelmon.github.requests": lambda: _counts(registry.github_requests(), "route"),
        "otelmon.github.throttled": lambda: _counts(registry.github_throttled(), "kind"),
    }


def _budgets(registry: HookRegistry, figure: Callable[[Budget, float], float | None]) -> Iterator[Point]:
    now = time.time()
    return known(
        (figure(budget, now), {"owner": budget.owner, "resource": budget.resource}) for budget in registry.budgets(now)
    )


def _reset_in(budget: Budget, now: float) -> float | None:
    return None if budget.reset is None else max(0.0, budget.reset - now)


def _counts(counts: Mapping[tuple[str | None, str], int], second: str) -> Iterator[Point]:
    for (resource, other), count in counts.items():
        yield count, {second: other} if resource is None else {"resource": resource, second: other}
