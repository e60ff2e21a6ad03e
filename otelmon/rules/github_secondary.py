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


def points_of(method: str, *, is_graphql: bool) -> int:
    """Returns the points of a request: 1 to read, 5 to write.

    A GraphQL call counts 1: whether it is a mutation, which counts 5, stands in a body that is not looked into.
    """
    return POINTS_TO_READ if is_graphql or method in READING else POINTS_TO_WRITE


def creates_content(method: str, *, is_graphql: bool) -> bool:
    """Tells whether a request counts as one that creates content, taken to be every REST request that writes."""
    return not is_graphql and method not in READING


def is_near(ratio: float, pace: float) -> bool:
    """Tells whether a limit is near: most of it is used, or some of it and a minute at the present pace breaks it.

    Args:
        ratio: the used share.
        pace: the share that a minute at the present pace uses.
    """
    return ratio >= NEAR_RATIO or (ratio >= FAST_RATIO and pace >= 1)
