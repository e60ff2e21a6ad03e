"""Names the owner of a GitHub budget without showing its credential."""

from __future__ import annotations

import hashlib
import hmac

ANONYMOUS = "anonymous"
_SHOWN = 12


def budget_owner(authorization: str | None, hash_key: str) -> str:
    """Returns a stable name for the credential of a request: 12 hexadecimal digits, or ``anonymous``.

    The scheme word does not count, because ``token x`` and ``Bearer x`` spend the same budget.

    Args:
        authorization: the value of the ``authorization`` header.
        hash_key: with a key the name is an HMAC-SHA-256, so that nobody can try out guessed tokens; without, SHA-256.
    """
    words = (authorization or "").split(None, 1)
    if not words:
        return ANONYMOUS
    credential = words[-1].strip().encode("utf-8", "surrogatepass")
    if hash_key:
        key = hash_key.encode("utf-8", "surrogatepass")
        return hmac.new(key, credential, hashlib.sha256).hexdigest()[:_SHOWN]
    return hashlib.sha256(credential).hexdigest()[:_SHOWN]
