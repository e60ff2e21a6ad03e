"""How the stand-in answers: as usual, rate limited, or out of order; plus Sentry's documented sizes and keys."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus

# Relay's default limit of one request body.
# Source: https://docs.sentry.io/product/relay/options/
LARGEST_BODY = 100 * 1024 * 1024
KEY = re.compile(r"sentry_key=([^,\s]+)")


@dataclass
class Behavior:
    """Holds the project, its key, and the error that is answered at will.

    ``status`` 0 is the usual behavior; 429 refuses with ``X-Sentry-Rate-Limits`` for ``retry_after`` seconds, any
    other status is answered as it stands.
    """

    project: str
    public_key: str
    status: int = 0
    retry_after: int = 60

    def refusal(self, project: str, key: str | None, size: int) -> tuple[int, dict[str, str]] | None:
        """Returns status and headers of a refusal, or None to take the request."""
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            return self.status, rate_limit_headers(self.retry_after)
        if self.status:
            return self.status, {}
        if key is None:
            return HTTPStatus.UNAUTHORIZED, {}
        if key != self.public_key or project != self.project:
            return HTTPStatus.FORBIDDEN, {}
        return (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {}) if size > LARGEST_BODY else None


def rate_limit_headers(seconds: int) -> dict[str, str]:
    """Returns the headers of a rate limit on every category of the organization.

    Source: https://develop.sentry.dev/sdk/expected-features/rate-limiting/
    """
    return {"retry-after": str(seconds), "x-sentry-rate-limits": f"{seconds}::organization:quota_exceeded"}


def key_of(header: str, in_query: str | None) -> str | None:
    """Returns the public key of a request: from ``x-sentry-auth`` or, as browsers send it, from the query."""
    found = KEY.search(header)
    return found.group(1) if found else in_query
