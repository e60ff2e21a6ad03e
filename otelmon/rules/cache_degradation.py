"""Does a cache answer less than it used to, and what is to be done about it?

A cache is compared with itself: its base is its hit ratio over the windows before. Nothing is said without traffic, in
a cold start (there is no base yet), or of a fall that chance explains.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from otelmon.records import MissCause

# A window is closed with at least so many look-ups; until then it grows, and after TOO_OLD rounds it is thrown away.
LEAST_REQUESTS = 50
# Windows that make a base, those of the first minutes left out: a cache that fills has none.
LEAST_BASE, MOST_BASE, COLD = 4, 20, 2
# A fall counts from ten points of a hundred, and beyond three standard deviations of the difference.
LEAST_FALL = 0.1
DEVIATIONS = 3.0
# Two windows in a row, so that one burst of new keys is no finding.
WINDOWS_BELOW = 2
# After so many windows the new ratio is what the cache does.
LONGEST_EPISODE = 60
LOW_RATIO = 0.5
LOW_WINDOWS = 10
# A cause dominates from this share of the misses whose cause is known, if those are most of the misses.
DOMINATES = 0.5

_CAUSES: tuple[MissCause, ...] = ("absent", "expired", "evicted")
_ADVICE = {
    "absent": "most misses are for keys that were never stored or were removed: check what the key is made of, "
    "invalidate less, or fill the cache in advance",
    "expired": "most misses are for entries whose time was over: give them longer, or refresh them before",
    "evicted": "most misses are for entries that made room for others: make the cache larger",
    None: "the cause of most misses is not known for this cache: compare time to live and size with the traffic",
}
FindingKind = Literal["degraded", "low_ratio"]


@dataclass(frozen=True, slots=True)
class CacheWindow:
    """Holds the look-ups of one window: hits (stale ones too), and misses, whole and by known cause."""

    hits: int = 0
    misses: int = 0
    absent: int = 0
    expired: int = 0
    evicted: int = 0

    @property
    def requests(self) -> int:
        """Returns the number of look-ups."""
        return self.hits + self.misses

    @property
    def ratio(self) -> float:
        """Returns the share of hits; only for a window with look-ups."""
        return self.hits / self.requests


@dataclass(frozen=True, slots=True)
class CacheStanding:
    """Holds what is remembered of a cache between two windows."""

    base: tuple[CacheWindow, ...] = ()
    seen: int = 0
    below: int = 0
    episode: int = 0
    low: int = 0
    low_told: bool = False


@dataclass(frozen=True, slots=True)
class CacheFinding:
    """Holds what there is to say of a cache; ``base_ratio`` is None where it was never good."""

    kind: FindingKind
    ratio: float
    base_ratio: float | None
    requests: int
    cause: MissCause | None
    advice: str


def next_standing(standing: CacheStanding, window: CacheWindow) -> tuple[CacheStanding, CacheFinding | None]:
    """Takes in one closed window, with at least ``LEAST_REQUESTS`` look-ups, and says what it shows."""
    seen = replace(standing, seen=standing.seen + 1)
    if seen.seen <= COLD:
        return seen, None
    base = _sum(seen.base)
    fallen = len(seen.base) >= LEAST_BASE and has_fallen(base, window)
    if fallen or seen.episode:
        return _in_doubt(seen, base, window, fallen=fallen)
    return _low(replace(seen, base=(*seen.base, window)[-MOST_BASE:], below=0), window)


def _in_doubt(
    standing: CacheStanding, base: CacheWindow, window: CacheWindow, *, fallen: bool
) -> tuple[CacheStanding, CacheFinding | None]:
    """Keeps the base as it was for as long as the cache is below it."""
    if standing.episode:
        over = not fallen
        changed = standing.episode >= LONGEST_EPISODE
        if over or changed:
            return replace(standing, below=0, episode=0, base=() if changed else standing.base), None
        return replace(standing, episode=standing.episode + 1), None
    if standing.below + 1 < WINDOWS_BELOW:
        return replace(standing, below=standing.below + 1), None
    return replace(standing, below=0, episode=1), _finding("degraded", window, base.ratio)


def _low(standing: CacheStanding, window: CacheWindow) -> tuple[CacheStanding, CacheFinding | None]:
    if window.ratio >= LOW_RATIO:
        return replace(standing, low=0, low_told=False), None
    if standing.low_told or standing.low + 1 < LOW_WINDOWS:
        return replace(standing, low=standing.low + 1), None
    return replace(standing, low_told=True), _finding("low_ratio", _sum(standing.base[-LOW_WINDOWS:]), None)


def has_fallen(base: CacheWindow, window: CacheWindow) -> bool:
    """Tells whether a window's hit ratio lies below the base's by more than little and by more than chance explains.

    The deviation is that of the difference of two shares, as in a two-proportion test; smoothed by one hit and one
    miss, so that a base of 100 % does not make every miss a finding.
    """
    share = (base.hits + window.hits + 1) / (base.requests + window.requests + 2)
    deviation = math.sqrt(share * (1 - share) * (1 / base.requests + 1 / window.requests))
    return base.ratio - window.ratio > max(LEAST_FALL, DEVIATIONS * deviation)


def dominating_cause(window: CacheWindow) -> MissCause | None:
    """Returns the cause of more than half of the misses; None where most causes are unknown, or none stands out."""
    for cause in _CAUSES:
        if getattr(window, cause) > DOMINATES * window.misses:
            return cause
    return None


def _finding(kind: FindingKind, window: CacheWindow, base_ratio: float | None) -> CacheFinding:
    cause = dominating_cause(window)
    return CacheFinding(kind, window.ratio, base_ratio, window.requests, cause, _ADVICE[cause])


def _sum(windows: tuple[CacheWindow, ...]) -> CacheWindow:
    return CacheWindow(
        sum(each.hits for each in windows),
        sum(each.misses for each in windows),
        sum(each.absent for each in windows),
        sum(each.expired for each in windows),
        sum(each.evicted for each in windows),
    )
