"""Estimates how near GitHub's secondary limits are, of which GitHub says nothing before it refuses.

What this process has sent and had answered is set against the documented rules. Other processes that share an owner are
not seen: their shares are to be added up where the metrics meet.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from otelmon.records import SecondaryUse
from otelmon.registry.github.sliding_sum import SlidingSum
from otelmon.rules.github_secondary import (
    FAR_RATIO,
    LIMITS,
    NEAR_RATIO,
    POINTS_TO_READ,
    POINTS_TO_WRITE,
    is_near,
    is_write,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from otelmon.records import GitHubCall, SecondaryRule

MINUTE = 60
# Owners of whom a recent use is kept, and endpoints of all of them together.
MOST_KEYS = 20_000
GRAPHQL = "/graphql"
# A way to GitHub and back that takes longer would take work for way where answers are few.
LONGEST_WAY_MS = 100
# Over how many seconds a pace is seen: a few long answers are none. An hour is no minute.
PACE_S = {"cpu": 30, "graphql_cpu": 30}
SHORT_PACE_S = 10
_WITHOUT_PACE = ("writes_an_hour",)
_NEAR = {rule: limit * NEAR_RATIO for rule, limit in LIMITS.items()}
_MOST_AT_A_TIME = _NEAR["concurrent"]
_WRITES: tuple[SecondaryRule, ...] = ("writes_a_minute", "writes_an_hour")
# What a step of the clock is: an hour is added up by minutes, the rest by seconds.
_BY_MINUTE = "writes_an_hour"


class _Sum(SlidingSum):
    """Adds up the use of one rule, for REST points of one route; ``near_at`` is where it is near."""

    __slots__ = ("near_at", "route", "rule")

    def __init__(self, rule: SecondaryRule, route: str | None) -> None:
        super().__init__(MINUTE)
        self.rule = rule
        self.route = route
        self.near_at = _NEAR[rule]

    def step(self, second: int) -> int:
        """Returns the step of the clock at a second."""
        return second // MINUTE if self.rule == _BY_MINUTE else second


class _Owner:
    """Holds what one owner has under way and has used lately.

    ``peak`` is the most at a time in the present minute and ``before`` in that before it; ``way`` is the quickest
    answer in milliseconds, at most ``LONGEST_WAY_MS``. ``sums`` is by route for points, by rule else.
    """

    __slots__ = ("before", "minute", "name", "peak", "running", "sums", "way")

    def __init__(self, name: str) -> None:
        self.name = name
        self.running = self.minute = self.peak = self.before = 0
        self.way = LONGEST_WAY_MS
        self.sums: dict[str, _Sum] = {}

    def turn(self, minute: int) -> None:
        """Begins another minute."""
        self.before = self.peak if self.minute == minute - 1 else 0
        self.minute, self.peak = minute, self.running


class Secondary:
    """Holds recent use by owner and rule; REST points by route as well, for that limit is one of each endpoint."""

    def __init__(self, overflowed: Callable[[], object], most: int = MOST_KEYS) -> None:
        self._overflowed = overflowed
        self._most = most
        self.clear()

    def clear(self) -> None:
        """Forgets everything and makes a new lock, for the parent's may be held for ever in a forked child."""
        self._owners: dict[str, _Owner] = {}
        self._kept = 0
        self._near: set[tuple[str, SecondaryRule]] = set()
        self._lock = threading.RLock()

    def sent(self, call: GitHubCall, second: int) -> SecondaryUse | None:
        """Counts a request that is being sent, and returns a limit that has newly come near."""
        name, route, method, _, _, _, _, _, _, is_mutation = call
        is_graphql = route == GRAPHQL
        writes = is_write(method, is_graphql=is_graphql, is_mutation=is_mutation)
        with self._lock:
            owner = self._owners.get(name) or self._open(name, second)
            if owner is None:
                return None
            running = owner.running = owner.running + 1
            if second // MINUTE != owner.minute:
                owner.turn(second // MINUTE)
            elif running > owner.peak:
                owner.peak = running
            near = None if running < _MOST_AT_A_TIME else self._check(owner, "concurrent", running)
            found = owner.sums.get(route)
            if found is None:
                found = self._sum(owner, "graphql_points" if is_graphql else "rest_points", route, second)
            near = self._add(owner, found, second, POINTS_TO_WRITE if writes else POINTS_TO_READ) or near
            if writes:
                near = self._wrote(owner, second) or near
        return near

    def _wrote(self, owner: _Owner, second: int) -> SecondaryUse | None:
        near = None
        for rule in _WRITES:
            found = owner.sums.get(rule) or self._sum(owner, rule, None, second)
            near = self._add(owner, found, second, 1) or near
        return near

    def ended(self, call: GitHubCall, monotonic: float, *, answered: bool) -> SecondaryUse | None:
        """Counts a request that is over, and returns a limit that has newly come near.

        What an answer took longer than the quickest so far is taken for processor time; the rest is the way.
        """
        milliseconds = int(monotonic * 1000 - call.began_ns / 1e6)
        with self._lock:
            owner = self._owners.get(call.owner)
            if owner is None:
                return None
            if owner.running:
                owner.running -= 1
            if not answered:
                return None
            worked = milliseconds - owner.way
            if worked <= 0:
                owner.way = max(0, milliseconds)
                return None
            rule: SecondaryRule = "graphql_cpu" if call.route == GRAPHQL else "cpu"
            second = int(monotonic)
            found = owner.sums.get(rule) or self._sum(owner, rule, None, second)
            return self._add(owner, found, second, worked)

    def _add(self, owner: _Owner, found: _Sum | None, second: int, amount: int) -> SecondaryUse | None:
        if found is None:
            return None
        total = found.add(second if found.rule != _BY_MINUTE else second // MINUTE, amount)
        return None if total < found.near_at else self._check(owner, found.rule, total, found.route)

    def _open(self, name: str, second: int) -> _Owner | None:
        if len(self._owners) >= self._most:
            self._sweep(second)
        if len(self._owners) >= self._most:
            self._overflowed()
            return None
        owner = self._owners[name] = _Owner(name)
        return owner

    def _sum(self, owner: _Owner, rule: SecondaryRule, route: str | None, second: int) -> _Sum | None:
        """Returns a new sum, in a place of its own: that of its route for points, else that of its rule."""
        if self._kept >= self._most:
            self._sweep(second)
        if self._kept >= self._most:
            self._overflowed()
            return None
        self._kept += 1
        found = owner.sums[route or rule] = _Sum(rule, route if rule == "rest_points" else None)
        return found

    def _sweep(self, second: int) -> None:
        """Forgets what has no recent use."""
        for owner in self._owners.values():
            owner.sums = {key: each for key, each in owner.sums.items() if each.at(each.step(second))}
        minute = second // MINUTE
        self._owners = {
            name: each for name, each in self._owners.items() if each.running or each.sums or each.minute >= minute - 1
        }
        self._kept = sum(len(owner.sums) for owner in self._owners.values())

    def _check(self, owner: _Owner, rule: SecondaryRule, total: int, route: str | None = None) -> SecondaryUse | None:
        if (owner.name, rule) in self._near:
            return None
        if len(self._near) < self._most:
            self._near.add((owner.name, rule))
        return SecondaryUse(owner.name, rule, total / LIMITS[rule], route)

    def snapshot(self, monotonic: float) -> list[SecondaryUse]:
        """Returns how much of each limit each owner has used, the nearest first; of endpoints the busiest.

        A limit that is far again is reported anew when it comes near once more.
        """
        second = int(monotonic)
        with self._lock:
            self._sweep(second)
            uses = [
                SecondaryUse(name, found.rule, found.total / LIMITS[found.rule], found.route, _pace(found, second))
                for name, owner in self._owners.items()
                for found in owner.sums.values()
            ]
            uses += [
                SecondaryUse(name, "concurrent", max(owner.running, owner.peak, owner.before) / LIMITS["concurrent"])
                for name, owner in self._owners.items()
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


def _pace(found: _Sum, second: int) -> float:
    """Returns the share of a rule's limit that a minute at the present pace would use."""
    if found.rule in _WITHOUT_PACE:
        return 0.0
    seconds = PACE_S.get(found.rule, SHORT_PACE_S)
    return found.recent(second, seconds) * (MINUTE / seconds) / LIMITS[found.rule]
