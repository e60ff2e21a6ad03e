"""Shows GitHub budgets, what the API answered, and how near its limits are."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from otelmon.gauges.points import known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from otelmon.gauges.points import Point
    from otelmon.records import Budget, SecondaryUse
    from otelmon.registry import HookRegistry
    from otelmon.registry.github import GitHubBook

SECONDS_SHARED = 0.5
_LIMIT = "otelmon.github.rate_limit."
_FIGURES: dict[str, Callable[[Budget], float | None]] = {
    "limit": lambda budget: budget.limit,
    "remaining": lambda budget: budget.remaining,
    "used": lambda budget: budget.used,
    "expected_used": lambda budget: budget.expected_used,
    "reset_in": lambda budget: budget.reset_in,
    "age": lambda budget: budget.age,
    "exhausted_in": lambda budget: budget.forecast and budget.forecast.estimate,
    "exhausted_earliest_in": lambda budget: budget.forecast and budget.forecast.earliest,
    "exhausted_latest_in": lambda budget: budget.forecast and budget.forecast.latest,
}


def github_sources(registry: HookRegistry) -> dict[str, Callable[[], Iterable[Point]]]:
    """Returns what the instruments of the GitHub API read."""
    book, shared = registry.github, _Shared(registry.github)
    budgets: dict[str, Callable[[], Iterable[Point]]] = {
        f"{_LIMIT}{name}": _budgets(shared, figure) for name, figure in _FIGURES.items()
    }
    return budgets | {
        "otelmon.github.requests": lambda: _counts(book.requests(), "route"),
        "otelmon.github.points": lambda: _counts(book.points(), "route"),
        "otelmon.github.points.saved": lambda: _counts(book.saved(), "route"),
        "otelmon.github.points.avoidable": lambda: _counts(book.avoidable.snapshot(), "route"),
        "otelmon.github.code.requests": lambda: _lines(book.line_requests()),
        "otelmon.github.code.points": lambda: _lines(book.line_points()),
        "otelmon.github.throttled": lambda: _counts(_kinds(book.refused.snapshot(), throttled=True), "kind"),
        "otelmon.github.refused": lambda: _counts(_kinds(book.refused.snapshot(), throttled=False), "kind"),
        "otelmon.github.secondary_limit.used_ratio": lambda: _secondary(registry, lambda use: use.ratio),
        "otelmon.github.secondary_limit.pace_ratio": lambda: _secondary(registry, lambda use: use.pace),
        "otelmon.github.rate_limit.drift": lambda: _drift(registry),
    }


class _Shared:
    """Lets all instruments of one collection see the same budgets, whose forecasts are worth making once."""

    def __init__(self, book: GitHubBook) -> None:
        self._book = book
        self._read_at = -math.inf
        self._budgets: tuple[Budget, ...] = ()

    def __call__(self) -> tuple[Budget, ...]:
        """Returns the budgets, at most ``SECONDS_SHARED`` old."""
        now = time.monotonic()
        if now - self._read_at > SECONDS_SHARED:
            self._budgets = self._book.budgets()
            self._read_at = now
        return self._budgets


def _budgets(shared: _Shared, figure: Callable[[Budget], float | None]) -> Callable[[], Iterator[Point]]:
    def source() -> Iterator[Point]:
        return known((figure(each), _labels(each.owner, each.resource)) for each in shared())

    return source


def _labels(owner: str, resource: str | None) -> dict[str, str]:
    return {"owner": owner} if resource is None else {"owner": owner, "resource": resource}


def _kinds(counts: Mapping[tuple[str | None, str], int], *, throttled: bool) -> dict[tuple[str | None, str], int]:
    """Returns refusals by a rate limit, or the others."""
    return {key: count for key, count in counts.items() if (key[1] in ("primary", "secondary")) is throttled}


def _counts(counts: Mapping[tuple[str | None, str], int], second: str) -> Iterator[Point]:
    for (resource, other), count in counts.items():
        yield count, {second: other} if resource is None else {"resource": resource, second: other}


def _lines(counts: Mapping[tuple[str | None, tuple[str, str, int]], int]) -> Iterator[Point]:
    for (resource, (function, path, line)), count in counts.items():
        code = {"code.function.name": function, "code.file.path": path, "code.line.number": str(line)}
        yield count, code if resource is None else {"resource": resource, **code}


def _secondary(registry: HookRegistry, figure: Callable[[SecondaryUse], float]) -> Iterator[Point]:
    for use in registry.github.uses[: registry.settings.label_limit]:
        yield figure(use), {"owner": use.owner, "rule": use.rule}


def _drift(registry: HookRegistry) -> Iterator[Point]:
    for (owner, resource), drift in registry.github.drift.copy().items():
        yield drift, _labels(owner, resource)
