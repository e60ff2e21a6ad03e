"""Tells what an answer of the GitHub API has cost of the primary limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from otelmon.records import RefusalKind

Outcome = Literal["point", "saved", "other"]
_OK, _NOT_MODIFIED = 200, 304
# The one is free by its documentation, the other's cost stands in its body.
_COSTS_ELSEWHERE = ("/rate_limit", "/graphql")
# Requests that a limit has refused cost nothing; whose budget a bad credential or a broken server spends is not told.
_LIMITS = ("primary", "secondary")
_NOT_BOOKED = frozenset((401, *range(500, 600)))


def outcome_of(status: int, refusal: RefusalKind | None, route: str, *, is_anonymous: bool) -> Outcome:
    """Returns what an answer cost: one point, none for once, or what cannot be said from its head.

    Args:
        status: of the answer.
        refusal: why it was refused.
        route: as ``route_template`` names it.
        is_anonymous: whether the request had no credential, with which a 304 costs a point too.

    Source: https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api (conditional requests)
    """
    if route in _COSTS_ELSEWHERE:
        return "other"
    if status == _OK:
        return "point"
    if refusal in _LIMITS or status in _NOT_BOOKED:
        return "other"
    return "saved" if status == _NOT_MODIFIED and not is_anonymous else "point"
