"""Keeps one GitHub budget per owner and resource."""

from __future__ import annotations

import heapq
import math
import threading
from typing import TYPE_CHECKING

from otelmon.registry.github.window import Window
from otelmon.rules.github_budget import has_figures, is_expired

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from otelmon.records import Budget, BudgetLevel, RateLimit

# An app with ten thousand installations has a budget for each; a budget takes about half a kilobyte.
MOST_BUDGETS = 20_000
# A budget without an answer for so long has nothing new to tell.
SECONDS_OF_INTEREST = 30.0
Low = tuple[Window, "BudgetLevel"]


class Budgets:
    """Holds at most ``MOST_BUDGETS`` budgets and shows the tightest; reading takes no lock.

    Args:
        limit: most budgets to show.
        overflowed: called for each answer without a place, and each budget that is not shown.
    """

    def __init__(self, limit: int, overflowed: Callable[[], object], most: int = MOST_BUDGETS) -> None:
        self._limit = limit
        self._most = most
        self._overflowed = overflowed
        self.clear()

    def clear(self) -> None:
        """Forgets every budget and makes a new lock, for the parent's may be held for ever in a forked child."""
        self._windows: dict[tuple[str, str | None], Window] = {}
        # Re-entrant: a signal handler that runs inside the merge may call GitHub too.
        self._lock = threading.RLock()

    def grew(self, owner: str, seen: RateLimit, monotonic: float, asked_at: float) -> bool:
        """Takes in an answer as ``merge`` does where it only tells of more use; tells whether it did."""
        with self._lock:
            window = self._windows.get((owner, seen[4]))
            return window is not None and window.grew(seen, monotonic, asked_at)

    def merge(self, owner: str, seen: RateLimit, now: float, monotonic: float, asked_at: float) -> Low | None:
        """Takes in what one answer said, and returns the window and the level that it has newly reached.

        Args:
            owner: whose budget it is.
            seen: the answer's figures; without any nothing changes.
            now: unix seconds of GitHub's clock.
            monotonic: seconds.
            asked_at: seconds of the same clock at which the answer was asked for.
        """
        key = (owner, seen.resource)
        with self._lock:
            window = self._windows.get(key) or self._opened(key, seen, now)
            if window is None or not window.take(seen, now, monotonic, asked_at):
                return None
            level = window.raise_level()
        return None if level is None else (window, level)

    def _opened(self, key: tuple[str, str | None], seen: RateLimit, now: float) -> Window | None:
        if not has_figures(seen):
            return None
        if not self._has_room(now):
            self._overflowed()
            return None
        # The window begins with nothing known; the answer is merged into it like any other.
        empty = seen._replace(remaining=None, used=None, reset=None)
        window = self._windows[key] = Window(key[0], empty)
        return window

    def _has_room(self, now: float) -> bool:
        if len(self._windows) >= self._most:
            windows = self._windows.copy()
            self._windows = {key: each for key, each in windows.items() if not is_expired(each.state, now)}
        return len(self._windows) < self._most

    def rename(self, before: str, owner: str, now: float, monotonic: float) -> None:
        """Joins the budgets of one owner to another's, who turns out to be the same."""
        with self._lock:
            for key in [key for key in self._windows if key[0] == before]:
                window = self._windows.pop(key)
                self.merge(owner, window.state, now, monotonic, window.seen_at)

    def foretold(self, now: float, monotonic: float) -> list[Low]:
        """Returns the windows that newly turn out not to last, with their level."""
        found = []
        for window in list(self._windows.copy().values()):
            idle = monotonic - window.seen_at > SECONDS_OF_INTEREST
            if idle or window.level is not None or is_expired(window.state, now):
                continue
            with self._lock:
                level = window.foretold_level(now, monotonic)
            if level is not None:
                found.append((window, level))
        return found

    def used(self, owner: str, resource: str | None, now: float) -> int | None:
        """Returns the use of one window, None where it is not known or over."""
        window = self._windows.get((owner, resource))
        return None if window is None or is_expired(window.state, now) else window.state.used

    def tightest(self, resource: str, now: float, monotonic: float, reserve: float | None) -> Budget | None:
        """Returns the budget of a resource of which least is left, None while nothing is known; as ``snapshot``."""
        windows = [
            each
            for (_, name), each in self._windows.copy().items()
            if name == resource and not is_expired(each.state, now)
        ]
        return min(windows, key=_left).shown(now, monotonic, reserve) if windows else None

    def snapshot(self, now: float, monotonic: float, reserve: float | None = None) -> tuple[Budget, ...]:
        """Returns the budgets whose window has not ended, the tightest where there are more than are shown.

        Args:
            now: unix seconds of GitHub's clock.
            monotonic: seconds.
            reserve: as for ``Window.shown``.
        """
        living: Iterable[Window] = [each for each in self._windows.copy().values() if not is_expired(each.state, now)]
        shown = heapq.nsmallest(self._limit, living, key=_share_left)
        for _ in range(len(list(living)) - len(shown)):
            self._overflowed()
        return tuple(each.shown(now, monotonic, reserve) for each in shown)


def _left(window: Window) -> float:
    remaining = window.state.remaining
    return math.inf if remaining is None else remaining


def _share_left(window: Window) -> float:
    limit, remaining = window.state.limit, window.state.remaining
    return 1.0 if not limit or remaining is None else remaining / limit
