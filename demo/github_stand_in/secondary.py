"""Secondary rate limits: requests at the same time, points a minute and endpoint, content writes, processor time.

Nothing shows how near they are. Source: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

POINTS_A_MINUTE = 900
GRAPHQL_POINTS_A_MINUTE = 2000
WRITES_A_MINUTE = 80
WRITES_AN_HOUR = 500
CPU_SECONDS_A_MINUTE = 90
GRAPHQL_CPU_SECONDS_A_MINUTE = 60
AT_THE_SAME_TIME = 100
READING = frozenset({"GET", "HEAD", "OPTIONS"})
POINTS_TO_READ = 1
POINTS_TO_WRITE = 5
MINUTE = 60
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Call:
    """Holds what limits look at: who calls, what it costs, whether GraphQL's or REST's points are spent, and where."""

    credential: str
    points: int
    graphql: bool = False
    endpoint: str = ""

    @property
    def writes(self) -> bool:
        """Tells whether the call counts as one that creates content."""
        return self.points == POINTS_TO_WRITE


@dataclass(frozen=True, slots=True)
class Refusal:
    """Holds how requests are refused: 403 or 429, with or without seconds to wait."""

    status: int
    retry_after: int | None


class Spending:
    """Adds up what was spent in the last ``seconds``."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        self.total = 0.0
        self._entries: deque[tuple[float, float]] = deque()

    def add(self, now: float, amount: float) -> None:
        """Spends an amount."""
        self._entries.append((now, amount))
        self.total += amount

    def at(self, now: float) -> float:
        """Returns what is spent as of now."""
        while self._entries and self._entries[0][0] <= now - self.seconds:
            self.total -= self._entries.popleft()[1]
        return self.total

    def wait(self, now: float) -> int:
        """Returns the seconds until the oldest spending is forgotten."""
        oldest = self._entries[0][0] if self._entries else now
        return max(1, int(oldest + self.seconds - now) + 1)


class SecondaryLimits:
    """Admits requests of each credential; ``now`` returns seconds."""

    def __init__(self, now: Callable[[], float], points_a_minute: int = POINTS_A_MINUTE) -> None:
        self._now = now
        self._points_a_minute = points_a_minute
        self._lock = threading.Lock()
        self._spendings: dict[tuple[str, str], Spending] = {}
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
            for spending, amount, _ in self._rules(call):
                spending.add(self._now(), amount)
            self._running[call.credential] = self._running.get(call.credential, 0) + 1
            return None

    def leave(self, call: Call, cpu_seconds: float = 0.0) -> None:
        """Counts an admitted call as ended; ``cpu_seconds`` is the processor time that it took."""
        with self._lock:
            self._running[call.credential] -= 1
            if cpu_seconds:
                self._cpu(call).add(self._now(), cpu_seconds)

    def _rules(self, call: Call) -> Iterator[tuple[Spending, int, int]]:
        """Yields what a call spends, how much of it, and what is allowed."""
        if call.graphql:
            yield self._spending(call.credential, "graphql"), call.points, GRAPHQL_POINTS_A_MINUTE
        else:
            yield self._spending(call.credential, f"rest {call.endpoint}"), call.points, self._points_a_minute
        if call.writes:
            yield self._spending(call.credential, "writes"), 1, WRITES_A_MINUTE
            yield self._spending(call.credential, "writes of the hour", HOUR), 1, WRITES_AN_HOUR

    def _cpu(self, call: Call) -> Spending:
        return self._spending(call.credential, "graphql cpu" if call.graphql else "cpu")

    def _spending(self, credential: str, name: str, seconds: int = MINUTE) -> Spending:
        found = self._spendings.get((credential, name))
        if found is None:
            found = self._spendings[credential, name] = Spending(seconds)
        return found

    def _seconds_to_wait(self, call: Call) -> int | None:
        """Returns the seconds until the oldest spending is forgotten when a limit is reached, else None."""
        now = self._now()
        if self._running.get(call.credential, 0) >= AT_THE_SAME_TIME:
            return 1
        for spending, amount, limit in self._rules(call):
            if spending.at(now) + amount > limit:
                return spending.wait(now)
        cpu = self._cpu(call)
        if cpu.at(now) >= (GRAPHQL_CPU_SECONDS_A_MINUTE if call.graphql else CPU_SECONDS_A_MINUTE):
            return cpu.wait(now)
        return None


def points(method: str) -> int:
    """Returns what a request costs: one point to read, five to write."""
    return POINTS_TO_READ if method in READING else POINTS_TO_WRITE
