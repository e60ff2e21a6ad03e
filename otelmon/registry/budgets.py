"""Keeps one GitHub budget per owner and resource."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from otelmon.rules.github_budget import is_expired, merge_budget

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.records import Budget, GitHubAnswer

_NO_FIGURE = (None, None, None, None)


class Budgets:
    """Holds at most ``limit`` budgets; reading takes no lock."""

    def __init__(self, limit: int, overflowed: Callable[[], object]) -> None:
        self._limit = limit
        self._overflowed = overflowed
        self.clear()

    def clear(self) -> None:
        """Forgets every budget and makes a new lock, for the parent's may be held for ever in a forked child."""
        self._budgets: dict[tuple[str, str], Budget] = {}
        # Re-entrant: a signal handler that runs inside the merge may call GitHub too.
        self._lock = threading.RLock()

    def merge(self, answer: GitHubAnswer) -> None:
        """Takes in what one answer said; an answer without any figure changes nothing."""
        seen = answer.rate_limit
        if (seen.limit, seen.remaining, seen.used, seen.reset) == _NO_FIGURE:
            return
        now = time.time()
        with self._lock:
            key = (answer.owner, seen.resource or "core")
            known = self._budgets.get(key)
            if known is None and not self._has_room(now):
                self._overflowed()
            else:
                self._budgets[key] = merge_budget(known, answer.owner, seen, now)

    def _has_room(self, now: float) -> bool:
        if len(self._budgets) >= self._limit:
            budgets = self._budgets.copy()
            self._budgets = {key: budget for key, budget in budgets.items() if not is_expired(budget, now)}
        return len(self._budgets) < self._limit

    def snapshot(self, now: float) -> tuple[Budget, ...]:
        """Returns the budgets whose window has not ended at ``now``, in unix seconds."""
        return tuple(budget for budget in self._budgets.copy().values() if not is_expired(budget, now))
