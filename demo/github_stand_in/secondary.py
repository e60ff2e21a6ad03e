"""Secondary rate limits: points a minute, content writes a minute, requests at the same time.

Nothing shows how near they are. Source: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

POINTS_A_MINUTE = 900
GRAPHQL_POINTS_A_MINUTE = 2000
WRITES_A_MINUTE = 80
AT_THE_SAME_TIME = 100
READING = frozenset({"GET", "HEAD", "OPTIONS"})
POINTS_TO_READ = 1
POINTS_TO_WRITE = 5
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Call:
    """Holds what limits look at: who calls, what it costs, and whether GraphQL's or REST's points are spent."""

    credential: str
    points: int
    graphql: bool = False

    @property
    def account(self) -> tuple[str, bool]:
        """Returns whose points these are."""
        return self.credential, self.graphql


@dataclass(frozen=True, slots=True)
class Refusal:
    """Holds how requests are refused: 403 or 429, with or without seconds to wait."""

    status: int
    retry_after: int | None


class SecondaryLimits:
    """Admits requests of each credential; ``now`` returns seconds."""

    def __init__(self, now: Callable[[], float], points_a_minute: int = POINTS_A_MINUTE) -> None:
        self._now = now
        self._points_a_minute = {False: points_a_minute, True: GRAPHQL_POINTS_A_MINUTE}
        self._lock = threading.Lock()
        self._spent: dict[tuple[str, bool], deque[tuple[float, int]]] = {}
        self._running: dict[str, int] = {}
        self._planned: deque[Refusal] = deque()

    def plan(self, refusal: Refusal, count: int) -> None:
        """Refuses the next ``count`` requests, whoever sends them; for those who test clients."""
        with self._lock:
            self._planned.extend([refusal] * count)

    def enter(self, call: Call) -> Refusal | None:
        """Returns how to refuse a call, or None and counts it as running until ``leave``."""
        with self._lock:
            if self._planned:
                return self._planned.popleft()
            wait = self._seconds_to_wait(call)
            if wait is not None:
                return Refusal(403, wait)
            self._spent[call.account].append((self._now(), call.points))
            self._running[call.credential] = self._running.get(call.credential, 0) + 1
            return None

    def leave(self, credential: str) -> None:
        """Counts an admitted call as ended."""
        with self._lock:
            self._running[credential] -= 1

    def _seconds_to_wait(self, call: Call) -> int | None:
        """Returns the seconds until the oldest spending is a minute old when a limit is reached, else None."""
        spent = self._spent.setdefault(call.account, deque())
        while spent and spent[0][0] <= self._now() - MINUTE:
            spent.popleft()
        full = (
            sum(each for _, each in spent) + call.points > self._points_a_minute[call.graphql]
            or (call.points == POINTS_TO_WRITE and sum(each == POINTS_TO_WRITE for _, each in spent) >= WRITES_A_MINUTE)
            or self._running.get(call.credential, 0) >= AT_THE_SAME_TIME
        )
        if not full:
            return None
        oldest = spent[0][0] if spent else self._now()
        return max(1, int(oldest + MINUTE - self._now()) + 1)


def points(method: str) -> int:
    """Returns what a request costs: one point to read, five to write."""
    return POINTS_TO_READ if method in READING else POINTS_TO_WRITE
