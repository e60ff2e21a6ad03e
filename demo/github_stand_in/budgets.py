"""Primary rate limits: one budget for each credential and resource, in fixed windows.

Source: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ANONYMOUS = ""
HOUR = 3600
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """Holds how many requests a resource allows in a window of ``seconds``."""

    limit: int
    seconds: int


AUTHENTICATED = {
    "core": Allowance(5000, HOUR),
    "search": Allowance(30, MINUTE),
    "code_search": Allowance(10, MINUTE),
    "graphql": Allowance(5000, HOUR),
}
UNAUTHENTICATED = {
    "core": Allowance(60, HOUR),
    "search": Allowance(10, MINUTE),
    "code_search": Allowance(0, MINUTE),
    "graphql": Allowance(0, HOUR),
}


@dataclass(frozen=True, slots=True)
class Budget:
    """Holds one budget at one moment; ``reset`` in unix seconds."""

    resource: str
    limit: int
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        """Returns what is left, never below 0."""
        return max(0, self.limit - self.used)

    def headers(self) -> dict[str, str]:
        """Returns the five headers that every answer carries."""
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-used": str(self.used),
            "x-ratelimit-reset": str(self.reset),
            "x-ratelimit-resource": self.resource,
        }

    def document(self) -> dict[str, int]:
        """Returns the form that ``/rate_limit`` shows."""
        return {"limit": self.limit, "used": self.used, "remaining": self.remaining, "reset": self.reset}


class Budgets:
    """Books requests; ``now`` returns unix seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], Budget] = {}

    def look(self, credential: str, resource: str) -> Budget:
        """Returns the budget of the present window without spending anything."""
        with self._lock:
            return self._present(credential, resource)

    def spend(self, credential: str, resource: str, points: int = 1) -> tuple[bool, Budget]:
        """Spends points and tells whether that was allowed; what is not allowed is not counted."""
        with self._lock:
            budget = self._present(credential, resource)
            if budget.remaining == 0:
                return False, budget
            spent = replace(budget, used=budget.used + points)
            self._windows[credential, resource] = spent
            return True, spent

    def put(self, credential: str, resource: str, limit: int, used: int, seconds: int) -> Budget:
        """Replaces a budget for the present window, which ends in ``seconds``; for those who test clients."""
        with self._lock:
            budget = Budget(resource, limit, used, int(self._now()) + seconds)
            self._windows[credential, resource] = budget
            return budget

    def _present(self, credential: str, resource: str) -> Budget:
        """Returns the present window, opened by its first request; an old one has ended with its reset time."""
        kept = self._windows.get((credential, resource))
        if kept and self._now() < kept.reset:
            return kept
        allowance = (UNAUTHENTICATED if credential == ANONYMOUS else AUTHENTICATED)[resource]
        opened = Budget(resource, allowance.limit, 0, int(self._now()) + allowance.seconds)
        self._windows[credential, resource] = opened
        return opened
