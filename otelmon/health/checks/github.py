"""How much is left of GitHub's budgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.health.check import Check, judged, unseen

if TYPE_CHECKING:
    from otelmon.records import Budget
    from otelmon.registry import HookRegistry

MOST_BUDGETS = 20


def look(registry: HookRegistry) -> Check:
    """Returns the tightest budgets; their owners are hashed."""
    budgets = registry.github.budgets()[:MOST_BUDGETS]
    if not budgets:
        return unseen("GitHub has told no budget yet, or its window has ended")
    reasons = [reason for each in budgets if (reason := _reason(each))]
    return judged(reasons, {"budgets": [_figures(each) for each in budgets]})


def _reason(budget: Budget) -> str:
    name = f"GitHub budget {budget.resource or 'unknown'} of {budget.owner}"
    if budget.remaining == 0:
        return f"{name} is spent"
    if budget.level == "critical":
        return f"{name} is nearly spent: {budget.remaining} of {budget.limit} left"
    return ""


def _figures(budget: Budget) -> dict[str, object]:
    return {
        "owner": budget.owner,
        "resource": budget.resource,
        "limit": budget.limit,
        "remaining": budget.remaining,
        "used": budget.used,
        "reset_in_seconds": _rounded(budget.reset_in),
        "told_seconds_ago": _rounded(budget.age),
        "exhausted_in_seconds": None if budget.forecast is None else _rounded(budget.forecast.estimate),
        "level": budget.level,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
