"""Asks an address of health, as a probe does."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl


def asked(
    address: str, path: str, token: str = "", seconds: float = 3.0, tls: ssl.SSLContext | None = None
) -> tuple[int, dict[str, Any]]:
    """Returns status and document, or 0 and nothing where nobody answers; over TLS where a context is given."""
    host, _, port = address.partition(":")
    if tls is None:
        connection = http.client.HTTPConnection(host, int(port), timeout=seconds)
    else:
        connection = http.client.HTTPSConnection(host, int(port), timeout=seconds, context=tls)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError):
        return 0, {}
    finally:
        connection.close()
