"""Sends requests the way a client of the stack does, past any proxy of the environment."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from contextlib import suppress

SECONDS_TO_ANSWER = 60
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def send(method: str, url: str, document: object = None) -> int:
    """Sends one request and returns the status; 0 where there was no answer."""
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"}, method=method)
    try:
        with DIRECT.open(request, timeout=SECONDS_TO_ANSWER) as answer:
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return 0


def told(method: str, url: str, document: object = None) -> None:
    """Sends one request that has to succeed.

    Raises:
        RuntimeError: it did not.
    """
    status = send(method, url, document)
    if not 200 <= status < 300:  # noqa: PLR2004 - statuses of success
        raise RuntimeError(f"{url} answered {status}")


def number_at(url: str, name: str) -> float | None:
    """Returns one number of a JSON document, or None where there is no answer or no such number."""
    with suppress(OSError, ValueError, KeyError, TypeError), DIRECT.open(url, timeout=5) as answer:
        return float(json.load(answer)[name])
    return None
