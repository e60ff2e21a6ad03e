"""Reads what a GitHub answer says about rate limits; whatever cannot be read is unknown, never zero."""

from __future__ import annotations

import math
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from otelmon.records import RateLimit, ThrottleKind

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_NUMBER = 15
_LONGEST_RESOURCE = 64
_LONGEST_DATE = 64
_FORBIDDEN = 403
_TOO_MANY_REQUESTS = 429


def read_rate_limit(headers: Mapping[str, str]) -> RateLimit:
    """Reads the ``x-ratelimit-*`` headers of one answer.

    Args:
        headers: a mapping that ignores case, or one with lower-case names.

    Source: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    return RateLimit(
        _number(headers.get("x-ratelimit-limit")),
        _number(headers.get("x-ratelimit-remaining")),
        _number(headers.get("x-ratelimit-used")),
        _number(headers.get("x-ratelimit-reset")),
        _resource(headers.get("x-ratelimit-resource")),
    )


def throttle_kind(status: int, rate_limit: RateLimit, retry_after: int | None) -> ThrottleKind | None:
    """Tells which limit refused a request, or None when none did; a 403 alone is a missing permission.

    Source: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """
    if status not in (_FORBIDDEN, _TOO_MANY_REQUESTS):
        return None
    if rate_limit.remaining == 0:
        return "primary"
    if retry_after is not None or status == _TOO_MANY_REQUESTS:
        return "secondary"
    return None


def read_retry_after(value: str | None, now: float) -> int | None:
    """Returns the seconds that ``retry-after`` asks to wait, never negative, or None when it cannot be read.

    Args:
        value: the header, seconds or an HTTP date.
        now: unix seconds.

    Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    seconds = _number(value)
    if seconds is not None or value is None or len(value) > _LONGEST_DATE:
        return seconds
    try:
        at = parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0, math.ceil(at - now))


def _number(value: str | None) -> int | None:
    """Returns a plain decimal number; a list, a sign or more digits than any real figure has is unknown."""
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else None


def _resource(value: str | None) -> str | None:
    """Returns a resource name such as ``code_search``; other shapes are unknown, for it becomes a label."""
    text = value.strip() if isinstance(value, str) else ""
    plain = text.isascii() and text.replace("_", "").replace("-", "").isalnum()
    return text.lower() if plain and len(text) <= _LONGEST_RESOURCE else None
