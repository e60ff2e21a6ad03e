"""A service with caches that are found by themselves, one that is registered, and a reader that never comes back."""

from __future__ import annotations

import functools
import sys
import time

import cachetools
import django
from django.conf import settings

import otelmon

settings.configure(CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}})
django.setup()
from django.core.cache import cache  # noqa: E402 - after the settings, as in any service

prices = cachetools.LRUCache(2)


@functools.lru_cache
def square(number: int) -> int:
    """Returns the square."""
    return number * number


def main() -> None:
    """Uses every cache, and lives through some collections."""
    otelmon.register_cache("prices", prices)
    if "hang" in sys.argv:
        otelmon.register_cache("hangs", lambda: time.sleep(3600))
    for number in (1, 1, 2):
        square(number)
    for key in "aab":
        if cache.get(key) is None:
            cache.set(key, key)
        if prices.get(key) is None:
            prices[key] = key
    print("done", flush=True)
    time.sleep(float(sys.argv[1]))


if __name__ == "__main__":
    main()
