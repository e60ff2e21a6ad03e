"""Asks back ends over HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

from demo.parts.errors import PartError

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS_TO_ANSWER = 30


def get(url: str, query: Mapping[str, str] | None = None) -> bytes:
    """Returns the body of an answer.

    Raises:
        urllib.error.HTTPError: when the status is none of 2xx.
        PartError: when there is no answer.
    """
    full = f"{url}?{urllib.parse.urlencode(query)}" if query else url
    try:
        with urllib.request.urlopen(full, timeout=SECONDS_TO_ANSWER) as response:
            body: bytes = response.read()
            return body
    except urllib.error.HTTPError:
        raise
    except OSError as error:
        raise PartError(f"{url} does not answer any more", "see the logs in .demo") from error


def get_json(url: str, query: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON is whatever it is
    """Returns the document of an answer; errors as ``get``."""
    return json.loads(get(url, query))
