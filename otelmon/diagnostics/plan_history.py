"""Remembers which plans a statement had, and how often it may be planned again."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_STATEMENTS, MOST_PLANS = 500, 16
# A statement is planned a few times at once, for its values can have plans of their own, and then now and then.
BURST, SECONDS_BETWEEN = 4.0, 10.0


class _History:
    __slots__ = ("last", "plans", "since", "tokens")

    def __init__(self, now: float) -> None:
        self.tokens = BURST
        self.since = now
        self.plans: OrderedDict[str, None] = OrderedDict()
        self.last: str | None = None


class PlanHistory:
    """Holds budget and plans of the most recently slow statements; ``clock`` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._statements: OrderedDict[tuple[int, str], _History] = OrderedDict()

    def may_plan(self, key: tuple[int, str]) -> bool:
        """Takes from the budget of a statement, and tells whether there was something left."""
        now = self._clock()
        history = self._statements.setdefault(key, _History(now))
        self._statements.move_to_end(key)
        if len(self._statements) > MOST_STATEMENTS:
            self._statements.popitem(last=False)
        history.tokens = min(BURST, history.tokens + (now - history.since) / SECONDS_BETWEEN)
        history.since = now
        if history.tokens < 1:
            return False
        history.tokens -= 1
        return True

    def changed_from(self, key: tuple[int, str], plan: str) -> str | None:
        """Notes a plan, and returns the one before where this one is new.

        Values of different frequency have different plans; going to and fro between known ones is no change.
        """
        history = self._statements.get(key)
        if history is None:
            return None
        is_new = plan not in history.plans
        before, history.last = history.last, plan
        history.plans[plan] = None
        history.plans.move_to_end(plan)
        if len(history.plans) > MOST_PLANS:
            history.plans.popitem(last=False)
        return before if is_new else None
