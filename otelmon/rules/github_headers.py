"""Reads what a GitHub answer says about rate limits; whatever cannot be read is unknown, never zero."""

from __future__ import annotations

import math
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from otelmon.records import RateLimit

if TYPE_CHECKING:
    from collections.abc import Callable

# What is told of one budget, in the order of ``RateLimit``.
FIGURES = tuple(f"x-ratelimit-{name}" for name in RateLimit._fields)
# Whatever is read of an answer.
HEADERS = (*FIGURES, "date", "etag", "retry-after", "x-github-request-id", "x-github-sso")
Told = tuple["str | None", "str | None", "str | None", "str | None", "str | None"]
_LONGEST_NUMBER = 15
_FIRST_TOO_LARGE = 10**_LONGEST_NUMBER
_COMMON = frozenset(("core", "search", "code_search", "graphql"))
# Makes a tuple of what is known to fit, in a third of the time.
_new = tuple.__new__
# Of what is read here nothing is longer, dates and names of resources among it.
_LONGEST = 64


def told_by(header: Callable[[str], str | None]) -> Told:
    """Returns what ``read_rate_limit`` reads, by what returns a header by its lower-case name."""
    limit, remaining, used, reset, resource = map(header, FIGURES)
    return limit, remaining, used, reset, resource


def read_rate_limit(told: Told, route: str = "") -> RateLimit:
    """Reads the ``x-ratelimit-*`` headers of one answer.

    Args:
        told: the headers named in ``FIGURES``, None where one is absent; of one that came several times, all of them,
            joined, which no figure is.
        route: as ``route_template`` names it; where GitHub names no resource, the route tells it if the documentation
            does.

    Source: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    limit, remaining, used, reset, resource = told
    if resource not in _COMMON:
        resource = _resource(resource) if resource is not None else resource_of_route(route)
    if limit and remaining and used and reset and _are_plain(f"{limit}{remaining}{used}{reset}"):
        # Nearly every answer: four numbers, looked at together.
        most, left, spent, end = int(limit), int(remaining), int(used), int(reset)
        if most < _FIRST_TOO_LARGE > left and spent < _FIRST_TOO_LARGE > end:
            return _new(RateLimit, (most, left, spent, end, resource))
    return RateLimit(_number(limit), _number(remaining), _number(used), _number(reset), resource)


def _are_plain(digits: str) -> bool:
    return len(digits) <= _LONGEST and digits.isdigit() and digits.isascii()


def resource_of_route(route: str) -> str | None:
    """Returns the resource that a route is documented to be counted against, or None where that is not certain.

    Code search has a budget of its own on github.com and not on every GitHub Enterprise Server; most other routes are
    counted as ``core``, but not all of them.

    Source: https://docs.github.com/rest/search/search#rate-limit
    """
    if route == "/graphql":
        return "graphql"
    return "search" if route.startswith("/search/") and route != "/search/code" else None


def read_retry_after(value: str | None, now: float) -> int | None:
    """Returns the seconds that ``retry-after`` asks to wait, never negative, or None when it cannot be read.

    Args:
        value: the header, seconds or an HTTP date.
        now: unix seconds.

    Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    seconds = _number(value)
    if seconds is not None:
        return seconds
    at = read_date(value)
    return None if at is None else max(0, math.ceil(at - now))


def read_date(value: str | None) -> float | None:
    """Returns an HTTP date as unix seconds, or None when it cannot be read."""
    if value is None or len(value) > _LONGEST:
        return None
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _number(value: str | None) -> int | None:
    """Returns a plain decimal number; a list, a sign or more digits than any real figure has is unknown."""
    if value is None or len(value) > _LONGEST:
        return None
    text = value if value.isdigit() else value.strip()
    return int(text) if len(text) <= _LONGEST_NUMBER and text.isdigit() and text.isascii() else None


def _resource(value: str) -> str | None:
    """Returns a resource name such as ``code_search``; other shapes are unknown, for it becomes a label."""
    if len(value) > _LONGEST:
        return None
    text = value.strip()
    plain = text.isascii() and text.replace("_", "").replace("-", "").isalnum()
    return text.lower() if plain else None
