"""Estimates how near GitHub's secondary limits are, of which GitHub says nothing before it refuses.

What this process has sent and had answered is set against the documented rules. Other processes that share an owner are
not seen: their shares are to be added up where the metrics meet.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from otelmon.records import SecondaryUse
from otelmon.registry.github.sliding_sum import SlidingSum
from otelmon.rules.github_secondary import FAR_RATIO, LIMITS, NEAR_RATIO, creates_content, is_near, points_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from otelmon.records import GitHubCall, SecondaryRule

MINUTE = 60
# Owners of whom a recent use is kept, and endpoints of all of them together.
MOST_KEYS = 20_000
GRAPHQL = "/graphql"
NO_TIME = 2**31
# A way to GitHub and back that takes longer would take work for way where answers are few.
LONGEST_WAY_MS = 100
# Over how many seconds a pace is seen: a few long answers are none. An hour is no minute.
PACE_S = {"cpu": 30, "graphql_cpu": 30}
SHORT_PACE_S = 10
_WITHOUT_PACE = ("writes_an_hour",)
_NEAR = {rule: limit * NEAR_RATIO for rule, limit in LIMITS.items()}
_Key = tuple[str, "SecondaryRule", "str | None"]


class Secondary:
    """Holds recent use by owner and rule; REST points by route as well, for that limit is one of each endpoint."""

    def __init__(self, overflowed: Callable[[], object], most: int = MOST_KEYS) -> None:
        self._overflowed = overflowed
        self._most = most
        self.clear()

    def clear(self) -> None:
        """Forgets everything and makes a new lock, for the parent's may be held for ever in a forked child."""
        self._sums: dict[_Key, SlidingSum] = {}
        # Requests that are under way, the present minute, the most at a time in it and in the minute before, and the
        # quickest answer in it and before it, in milliseconds.
        self._running: dict[str, list[int]] = {}
        self._near: set[tuple[str, SecondaryRule]] = set()
        self._lock = threading.RLock()

    def sent(self, call: GitHubCall, monotonic: float) -> SecondaryUse | None:
        """Counts a request that is being sent, and returns a limit that has newly come near."""
        is_graphql = call.route == GRAPHQL
        second, owner = int(monotonic), call.owner
        points = points_of(call.method, is_graphql=is_graphql)
        with self._lock:
            near = self._began(owner, second)
            if is_graphql:
                near = self._add((owner, "graphql_points", None), second, points) or near
            else:
                near = self._add((owner, "rest_points", call.route), second, points) or near
            if creates_content(call.method, is_graphql=is_graphql):
                near = self._add((owner, "writes_a_minute", None), second, 1) or near
                near = self._add((owner, "writes_an_hour", None), second // MINUTE, 1) or near
        return near

    def _began(self, owner: str, second: int) -> SecondaryUse | None:
        found = self._running.get(owner)
        if found is None:
            if len(self._running) >= self._most:
                self._overflowed()
                return None
            found = self._running[owner] = [0, 0, 0, 0, NO_TIME, NO_TIME]
        running = found[0] = found[0] + 1
        minute = second // MINUTE
        if minute != found[1]:
            before = found[2] if found[1] == minute - 1 else 0
            found[1:] = minute, running, before, NO_TIME, min(found[4], found[5])
        elif running > found[2]:
            found[2] = running
        return self._check((owner, "concurrent", None), running) if running >= _NEAR["concurrent"] else None

    def ended(self, call: GitHubCall, monotonic: float, *, answered: bool) -> SecondaryUse | None:
        """Counts a request that is over, and returns a limit that has newly come near.

        What an answer took longer than the quickest of late is taken for processor time; the rest is the way.
        """
        owner = call.owner
        with self._lock:
            found = self._running.get(owner)
            if found is None:
                return None
            found[0] -= found[0] > 0
            if not answered:
                return None
            milliseconds = max(0, int(monotonic * 1000 - call.began_ns / 1e6))
            found[4] = min(found[4], milliseconds)
            worked = milliseconds - min(found[4], found[5], LONGEST_WAY_MS)
            rule: SecondaryRule = "graphql_cpu" if call.route == GRAPHQL else "cpu"
            return self._add((owner, rule, None), int(monotonic), worked) if worked else None

    def _add(self, key: _Key, step: int, amount: int) -> SecondaryUse | None:
        found = self._sums.get(key)
        if found is None:
            found = self._opened(key, step)
            if found is None:
                return None
        total = found.add(step, amount)
        return self._check(key, total) if total >= _NEAR[key[1]] else None

    def _opened(self, key: _Key, step: int) -> SlidingSum | None:
        if len(self._sums) >= self._most:
            self._sweep(step if key[1] != "writes_an_hour" else step * MINUTE)
        if len(self._sums) >= self._most:
            self._overflowed()
            return None
        found = self._sums[key] = SlidingSum(MINUTE)
        return found

    def _sweep(self, second: int) -> None:
        """Forgets what has no recent use."""
        sums = self._sums.copy()
        self._sums = {key: each for key, each in sums.items() if each.at(_step(key, second))}
        running = self._running.copy()
        self._running = {owner: each for owner, each in running.items() if each[0] or each[1] >= second // MINUTE - 1}

    def _check(self, key: _Key, total: int) -> SecondaryUse | None:
        owner, rule, route = key
        if (owner, rule) in self._near:
            return None
        if len(self._near) < self._most:
            self._near.add((owner, rule))
        return SecondaryUse(owner, rule, total / LIMITS[rule], route)

    def snapshot(self, monotonic: float) -> list[SecondaryUse]:
        """Returns how much of each limit each owner has used, the nearest first; of endpoints the busiest.

        A limit that is far again is reported anew when it comes near once more.
        """
        second = int(monotonic)
        with self._lock:
            self._sweep(second)
            uses = [
                SecondaryUse(owner, rule, found.total / LIMITS[rule], route, _pace(rule, found, second))
                for (owner, rule, route), found in self._sums.items()
            ]
            uses += [
                SecondaryUse(owner, "concurrent", max(running, peak, before) / LIMITS["concurrent"])
                for owner, (running, _, peak, before, *_) in self._running.items()
            ]
            uses.sort(key=lambda use: -use.ratio)
            most: dict[tuple[str, SecondaryRule], SecondaryUse] = {}
            for use in uses:
                most.setdefault((use.owner, use.rule), use)
            self._near = {key for key in self._near if key in most and most[key].ratio > FAR_RATIO}
        return list(most.values())

    def newly_near(self, uses: Iterable[SecondaryUse]) -> list[SecondaryUse]:
        """Returns those uses that are near and were not reported yet."""
        with self._lock:
            near = [use for use in uses if is_near(use.ratio, use.pace) and (use.owner, use.rule) not in self._near]
            self._near.update((use.owner, use.rule) for use in near)
        return near


def _pace(rule: SecondaryRule, found: SlidingSum, second: int) -> float:
    if rule in _WITHOUT_PACE:
        return 0.0
    seconds = PACE_S.get(rule, SHORT_PACE_S)
    return found.recent(second, seconds) * (MINUTE / seconds) / LIMITS[rule]


def _step(key: _Key, second: int) -> int:
    return second // MINUTE if key[1] == "writes_an_hour" else second
