"""Waits with a deadline."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Found = TypeVar("Found")
SECONDS_BETWEEN_LOOKS = 0.1


def wait_for(look: Callable[[], Found | None], seconds: float, between: float = SECONDS_BETWEEN_LOOKS) -> Found | None:
    """Looks again and again until there is something to return that counts as true; None when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() >= deadline:
            return None
        time.sleep(between)


def answers(url: str) -> bool:
    """Tells whether an address answers 200 now."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == HTTPStatus.OK)
    except (urllib.error.URLError, OSError):
        return False
