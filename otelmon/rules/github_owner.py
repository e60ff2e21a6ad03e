"""Names the owner of a GitHub budget without showing its credential."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json

ANONYMOUS = "anonymous"
_SHOWN = 12
_PARTS_OF_A_JWT = 3
_LONGEST_JWT = 4096


def budget_owner(authorization: str | None, hash_key: str, host: str = "") -> str:
    """Returns a stable name for the credential of a request: 12 hexadecimal digits, or ``anonymous``.

    The scheme word does not count, because ``token x`` and ``Bearer x`` spend the same budget. A JSON web token, which
    a GitHub App makes anew every few minutes, is named after the app that issued it.

    Args:
        authorization: the value of the ``authorization`` header.
        hash_key: with a key the name is an HMAC-SHA-256, so that nobody can try out guessed tokens; without, SHA-256.
        host: whose GitHub it is, empty for github.com's; it tells apps and anonymous callers of several apart.
    """
    words = () if authorization is None else authorization.split(None, 1)
    if not words:
        return f"{ANONYMOUS}@{host}" if host else ANONYMOUS
    credential = words[-1].strip()
    if credential.startswith("eyJ"):
        issuer = _issuer(credential)
        if issuer is not None:
            return identity_name("app", host, issuer, hash_key)
    return _hashed(credential, hash_key)


def identity_name(kind: str, host: str, identity: str, hash_key: str) -> str:
    """Returns a stable name for somebody whose credentials change.

    Args:
        kind: ``app``, ``installation`` or ``user``.
        host: whose GitHub it is, for each counts its installations and users from 1.
        identity: the number or name by which that host knows them.
        hash_key: as for ``budget_owner``.
    """
    return _hashed(f"{kind}\n{host}\n{identity}", hash_key)


def _hashed(text: str, hash_key: str) -> str:
    encoded = text.encode("utf-8", "surrogatepass")
    if hash_key:
        return hmac.digest(hash_key.encode("utf-8", "surrogatepass"), encoded, "sha256").hex()[:_SHOWN]
    return hashlib.sha256(encoded).hexdigest()[:_SHOWN]


def _issuer(credential: str) -> str | None:
    """Returns who issued a JSON web token, or None for a text of another kind.

    Source: https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app (``iss`` is the app).
    """
    parts = credential.split(".")
    if len(parts) != _PARTS_OF_A_JWT or len(credential) > _LONGEST_JWT:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return str(issuer) if isinstance(issuer, (str, int)) else None
