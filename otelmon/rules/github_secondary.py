"""Knows GitHub's documented secondary limits, and what a request counts against them.

Nothing in an answer shows how near they are. Source:
https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from otelmon.records import SecondaryRule

# What each rule allows: requests at a time, points or milliseconds a minute, writes a minute or an hour.
LIMITS: dict[SecondaryRule, int] = {
    "concurrent": 100,
    "rest_points": 900,
    "graphql_points": 2000,
    "writes_a_minute": 80,
    "writes_an_hour": 500,
    "cpu": 90_000,
    "graphql_cpu": 60_000,
}
# From here on a limit is near, and from here down it is not any more.
NEAR_RATIO = 0.8
FAR_RATIO = 0.5
# A pace that breaks a limit within a minute counts as near once so much is used.
FAST_RATIO = 0.4
READING = frozenset(("GET", "HEAD", "OPTIONS"))
POINTS_TO_READ = 1
POINTS_TO_WRITE = 5


def is_write(method: str, *, is_graphql: bool, is_mutation: bool) -> bool:
    """Tells whether a request counts as one that writes: 5 points instead of 1, and one that creates content.

    A GraphQL call does where it is known to be a mutation; of REST requests every one that is not for reading is taken
    to create content.
    """
    return is_mutation if is_graphql else method not in READING


def is_near(ratio: float, pace: float) -> bool:
    """Tells whether a limit is near: most of it is used, or some of it and a minute at the present pace breaks it.

    Args:
        ratio: the used share.
        pace: the share that a minute at the present pace uses.
    """
    return ratio >= NEAR_RATIO or (ratio >= FAST_RATIO and pace >= 1)
