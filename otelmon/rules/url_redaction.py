"""Takes user info, query and fragment out of URLs."""

from __future__ import annotations


def redact_url(url: str) -> str:
    """Returns the URL without user info, query values and fragment."""
    plain = url.partition("#")[0].partition("?")[0]
    scheme, separator, rest = plain.partition("://")
    if not separator:
        return plain
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
