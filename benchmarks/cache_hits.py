"""Measures one hit of every kind of cache that is watched by wrapping, bare and watched in turns in one process.

``python -m benchmarks.cache_hits [--rounds N] [--operations N] [--json]`` writes benchmarks/caches.json.
"""

# ruff: noqa: ANN401 - caches of every library
from __future__ import annotations

import argparse
import asyncio
import json
import platform
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from otelmon.hooks.caches.registration import register
from otelmon.registry import HookRegistry
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

FILE = Path(__file__).parent / "caches.json"
KEY = "key"
ROUND_NS = 1_000_000
# One makes the cache, filled with the key, and one gives the hit; they are measured on two caches.
Case = tuple["Callable[[], Any]", "Callable[[Any], Callable[[], object]]"]


def of_cachetools(name: str, *args: Any) -> Case:
    """Returns the case of one policy, read by its key."""

    def make() -> Any:
        import cachetools  # noqa: PLC0415 - so is every library imported where it is measured

        cache = getattr(cachetools, name)(*args)
        cache[KEY] = "value"
        return cache

    return make, lambda cache: lambda: cache[KEY]


def of_decorated() -> Any:
    """Returns a function under ``@cached`` with a lock, called before."""
    import threading  # noqa: PLC0415 - as above

    import cachetools  # noqa: PLC0415 - as above

    @cachetools.cached(cachetools.LRUCache(10), lock=threading.Lock())
    def price(key: str) -> str:
        return key

    price(KEY)
    return price


def of_django() -> Any:
    """Returns a backend of Django in memory."""
    from django.core.cache.backends.locmem import LocMemCache  # noqa: PLC0415 - as above

    cache = LocMemCache(f"bench {time.monotonic_ns()}", {})
    cache.set(KEY, "value", None)
    return cache


def of_cachelib() -> Any:
    """Returns the cache in memory that Flask-Caching uses."""
    from cachelib import SimpleCache  # noqa: PLC0415 - as above

    cache = SimpleCache()
    cache.set(KEY, "value", 0)
    return cache


def of_aiocache() -> Any:
    """Returns a cache of aiocache in memory."""
    import aiocache  # noqa: PLC0415 - as above

    cache = aiocache.SimpleMemoryCache(timeout=None)
    asyncio.run(cache.set(KEY, "value"))
    return cache


def awaited(cache: Any) -> Callable[[], object]:
    """Returns what runs one look-up of aiocache without an event loop, of which it needs none in memory."""

    def hit() -> object:
        found = cache.get(KEY)
        try:
            found.send(None)
        except StopIteration as end:
            return end.value
        return None

    return hit


def of_requests_cache() -> Any:
    """Returns a session whose cache holds one answer."""
    import requests  # noqa: PLC0415 - as above
    import requests_cache  # noqa: PLC0415 - as above

    session = requests_cache.CachedSession("bench", backend="memory")
    answer = requests.Response()
    answer.status_code, answer.url, answer._content = 200, "http://localhost/", b"{}"  # noqa: SLF001 - no server is needed
    answer.request = requests.Request("GET", answer.url, headers=dict(session.headers)).prepare()
    answer.raw = requests_cache.CachedHTTPResponse(body=b"{}", status=200)
    session.cache.save_response(answer)
    assert session.get("http://localhost/").from_cache  # noqa: S101 - else something else is measured
    return session


def of_quick_requests_cache() -> Any:
    """Returns a session that asks its cache and does nothing else, whose hit is short enough to see what is added."""
    import requests  # noqa: PLC0415 - as above
    import requests_cache  # noqa: PLC0415 - as above

    class Quick(requests_cache.CachedSession):
        def send(self, request: Any, *_: Any, **__: Any) -> Any:
            return self.cache.get_response(KEY) if request is not None else None

    made = of_requests_cache()
    session = Quick("bench", backend="memory")
    (answer,) = made.cache.responses.values()
    session.cache.responses[KEY] = answer
    request = requests.Request("GET", "http://localhost/").prepare()
    session.bench_send = lambda: session.send(request, stream=False, timeout=None, verify=True, cert=None)
    return session


CASES: dict[str, Case] = {
    **{
        f"cachetools {name}": of_cachetools(name, *args)
        for name, *args in (
            ("FIFOCache", 10),
            ("LFUCache", 10),
            ("LRUCache", 10),
            ("RRCache", 10),
            ("TTLCache", 10, 3600),
            ("TLRUCache", 10, lambda _key, _value, now: now + 3600),
        )
    },
    "cachetools @cached with a lock": (of_decorated, lambda function: lambda: function(KEY)),
    "Django locmem": (of_django, lambda cache: lambda: cache.get(KEY)),
    "cachelib and Flask-Caching SimpleCache": (of_cachelib, lambda cache: lambda: cache.get(KEY)),
    "aiocache memory": (of_aiocache, awaited),
    "requests-cache, the library's own work left out": (of_quick_requests_cache, lambda session: session.bench_send),
    "requests-cache memory": (of_requests_cache, lambda session: lambda: session.get("http://localhost/")),
}


def nanoseconds(hit: Callable[[], object], operations: int) -> float:
    """Returns the time of one hit, over so many of them."""
    began = time.thread_time_ns()
    for _ in range(operations):
        hit()
    return (time.thread_time_ns() - began) / operations


def measure(case: Case, rounds: int, operations: int) -> dict[str, float]:
    """Returns the least time of a hit, bare and watched in turns: what other work on the machine disturbs least."""
    make, hit_of = case
    registry = HookRegistry(Settings())
    caches = {"bare": make(), "watched": make()}
    register(registry, "bench", caches["watched"])
    hits = {kind: hit_of(cache) for kind, cache in caches.items()}
    # Short enough that many a round meets no other work on the machine; slow caches get fewer hits.
    times = min(operations, max(1, int(ROUND_NS / nanoseconds(hits["bare"], 100))))
    seen = [{kind: nanoseconds(hit, times) for kind, hit in hits.items()} for _ in range(rounds)]
    return {kind: min(each[kind] for each in seen) for kind in hits}


def main() -> int:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cache_hits", description=__doc__)
    parser.add_argument("--rounds", type=int, default=500, help="how often each is measured (500)")
    parser.add_argument("--operations", type=int, default=5000, help="most hits a round (5000)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON and write nothing")
    chosen = parser.parse_args()
    caches = {name: measure(case, chosen.rounds, chosen.operations) for name, case in CASES.items()}
    result = {
        "rounds": chosen.rounds,
        "operations": chosen.operations,
        "python": platform.python_version(),
        "caches": caches,
    }
    for name, figures in caches.items():
        added = figures["watched"] - figures["bare"]
        print(f"{name:42} bare {figures['bare']:8.0f} ns  watched {figures['watched']:8.0f} ns  added {added:6.0f} ns")
    if not chosen.json:
        FILE.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
