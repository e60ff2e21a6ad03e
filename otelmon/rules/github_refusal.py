"""Tells why GitHub refused a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from otelmon.records import RefusalKind

_FORBIDDEN = 403
_TOO_MANY_REQUESTS = 429
REFUSALS = (_FORBIDDEN, _TOO_MANY_REQUESTS)


def refusal_kind(status: int, remaining: int | None, retry_after: str | None, sso: str | None) -> RefusalKind | None:
    """Returns the one reason for which a request was refused, or None when it was not refused.

    In this order: an organization that wants SAML sign-on says so in a header of its own; with nothing left it is the
    primary limit; a time to wait, or status 429, is a secondary limit; any other 403 is a missing permission.

    Args:
        status: of the answer.
        remaining: what the answer says is left of the budget, None where it does not say.
        retry_after: the header as it came.
        sso: the ``x-github-sso`` header as it came.

    Source: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit and
    https://docs.github.com/rest/authentication/authenticating-to-the-rest-api (SAML).
    """
    if status not in REFUSALS:
        return None
    if status == _FORBIDDEN and sso is not None:
        return "saml"
    if remaining == 0:
        return "primary"
    if retry_after is not None or status == _TOO_MANY_REQUESTS:
        return "secondary"
    return "permission"
