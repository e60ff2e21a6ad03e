"""Every adapter with a script of accesses whose counts are known: what holds here is what docs/caches.md promises.

A fact that an adapter does not know stands as None, and must be absent.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from otelmon.hooks.caches import cachelib_cache, django_cache, functools_cache, requests_cache_session
from otelmon.records import CacheState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from otelmon.registry import HookRegistry

# What loading costs, by the clock; a busy machine adds to it.
LOAD_SECONDS = 0.01
CREATED: list[str] = []


@dataclass
class Kit:
    """Holds what a script may use; ``register`` is ``otelmon.register_cache`` bound to the registry under test."""

    registry: HookRegistry
    register: Callable[[str, object], object]
    folder: Path
    redis_url: str
    http_url: str
    undo: list[Callable[[], None]] = field(default_factory=list)


@dataclass(frozen=True)
class Script:
    """Describes one way of a cache: how it is reported, what runs, and the exact state at the end."""

    cache: str
    line: str
    run: Callable[[Kit], Any]
    state: CacheState
    name: str = "x"
    slow: bool = False


def load(value: object) -> object:
    """Takes a while to give the value back."""
    time.sleep(LOAD_SECONDS)
    return value


def fetch(cache: Any, key: str) -> None:
    """Looks up and loads what is missing, as applications do with a mapping."""
    try:
        cache[key]
    except KeyError:
        cache[key] = load(key)


def bounded(make: Callable[[Any], Any]) -> Callable[[Kit], Any]:
    """Returns the script for a cache of two entries: four misses, of which one was evicted, and two hits."""

    def run(kit: Kit) -> Any:
        import cachetools

        cache = make(cachetools)
        kit.register("x", cache)
        for key in ("a", "a", "b", "a"):
            fetch(cache, key)
        # c makes room for itself; to see which entry went is not a look-up.
        fetch(cache, "c")
        gone = ({"a", "b", "c"} - set(cache)).pop()
        assert cache.get(gone, "gone") == "gone"
        return cache

    return run


def timed(make: Callable[[Any, Callable[[], float]], Any]) -> Callable[[Kit], Any]:
    """Returns the script for a cache with a time to live of 10 on a clock that the script sets."""

    def run(kit: Kit) -> Any:
        import cachetools

        now = [0.0]
        cache = make(cachetools, lambda: now[0])
        kit.register("x", cache)
        for key in ("a", "a", "b"):
            fetch(cache, key)
        now[0] = 11.0
        # a is there still, though over; b has been cleared away by the store of a.
        fetch(cache, "a")
        fetch(cache, "b")
        fetch(cache, "c")
        return cache

    return run


def decorated(kit: Kit) -> Any:
    """Runs ``@cached`` with a lock, registered by the function."""
    import threading

    import cachetools

    @cachetools.cached(cachetools.LRUCache(10), lock=threading.Lock())
    def price(item: str) -> object:
        return load(item)

    kit.register("x", price)
    assert [price("a"), price("a"), price("b"), price("a")] == ["a", "a", "b", "a"]
    return price


def with_info(kit: Kit) -> Any:
    """Runs ``@cached`` on a plain dict, which counts for itself."""
    import cachetools

    @cachetools.cached({}, info=True)
    def price(item: str) -> object:
        return load(item)

    kit.register("x", price)
    assert [price("a"), price("a"), price("b"), price("a")] == ["a", "a", "b", "a"]
    return price


def of_methods(kit: Kit) -> Any:
    """Runs ``@cachedmethod`` on the cache of one object."""
    import cachetools

    class Shop:
        def __init__(self) -> None:
            self.prices = cachetools.LRUCache(10)

        @cachetools.cachedmethod(lambda self: self.prices)
        def price(self, item: str) -> object:
            return load(item)

    shop = Shop()
    kit.register("x", shop.prices)
    assert [shop.price("a"), shop.price("a"), shop.price("b"), shop.price("a")] == ["a", "a", "b", "a"]
    return shop


def functools_cached(kit: Kit) -> Any:
    """Runs a function cached by functools, which is found without a line."""
    kit.undo.append(functools_cache.hook.install(kit.registry))

    @functools.lru_cache(maxsize=2)
    def price(item: str) -> object:
        return load(item)

    for item in ("a", "a", "b", "c", "a"):
        price(item)
    return price


def on_django(backend: str, location: Callable[[Kit], str], options: dict[str, object] | None = None) -> Any:
    """Returns the script for a backend of Django: by alias, found without a line."""

    def run(kit: Kit) -> Any:
        from django.core.cache import CacheHandler

        kit.undo.append(django_cache.hook.install(kit.registry))
        path = f"django.core.cache.backends.{backend}"
        caches = CacheHandler({"default": {"BACKEND": path, "LOCATION": location(kit), **(options or {})}})
        cache = caches["default"]
        if backend.startswith("db"):
            create_table(location(kit))
        cache.clear()
        # The database's cache cuts the time of expiry to whole seconds, so that it may come a second early.
        for key in ("a", "a", "b", "a"):
            if cache.get(key) is None:
                cache.set(key, load(key), 4)
        assert cache.get_many(["a", "b", "c"]) == {"a": "a", "b": "b"}
        assert cache.get_or_set("d", lambda: load("d"), 60) == "d"
        assert cache.get_or_set("d", lambda: load("d"), 60) == "d"
        assert (cache.has_key("a"), "z" in cache) == (True, False)
        cache.set("none", None, 60)
        assert cache.get("none", "default") is None
        cache.delete("d")
        assert cache.get("d", "default") == "default"
        time.sleep(4.1)
        assert cache.get("a") is None
        return caches

    return run


def create_table(name: str) -> None:
    """Makes the table of a database cache, once in a process."""
    from django.core.management import call_command

    if name not in CREATED:
        CREATED.append(name)
        call_command("createcachetable", name, verbosity=0)


def on_flask(kind: str, options: Callable[[Kit], dict[str, object]]) -> Any:
    """Returns the script for Flask-Caching: by the app's name, found without a line."""

    def run(kit: Kit) -> Any:
        import flask_caching
        from flask import Flask

        kit.undo.append(cachelib_cache.hook.install(kit.registry))
        app = Flask("shop")
        cache = flask_caching.Cache(app, config={"CACHE_TYPE": kind, **options(kit)})
        with app.app_context():
            cache.clear()
            scripted_flask(cache)
        return app, cache

    return run


def scripted_flask(cache: Any) -> None:
    """Looks up by hand and through both decorators."""

    @cache.memoize(60)
    def price(item: str) -> object:
        return load(item)

    @cache.cached(60, key_prefix="all")
    def prices() -> object:
        return load("all")

    for key in ("a", "a", "b", "a"):
        if cache.get(key) is None:
            cache.set(key, load(key), timeout=2)
    assert [price("p"), price("p"), prices(), prices()] == ["p", "p", "all", "all"]
    assert cache.get_many("a", "c") == ["a", None]
    assert cache.get_dict("a", "b") == {"a": "a", "b": "b"}
    assert cache.has("a")
    cache.delete("b")
    assert cache.get("b") is None
    time.sleep(3.1)
    assert cache.get("a") is None


def on_requests_cache(backend: str) -> Callable[[Kit], Any]:
    """Returns the script for a session of requests-cache: by the cache's name, found without a line."""

    def run(kit: Kit) -> Any:
        import requests_cache

        kit.undo.append(requests_cache_session.hook.install(kit.registry))
        session = requests_cache.CachedSession(
            str(kit.folder / "answers"), backend=backend, expire_after=60, stale_if_error=True
        )
        session.get(f"{kit.http_url}/a")
        session.get(f"{kit.http_url}/a")
        session.get(f"{kit.http_url}/a")
        session.get(f"{kit.http_url}/b", expire_after=1)
        session.post(f"{kit.http_url}/b")
        session.get(f"{kit.http_url}/fails-later", expire_after=1)
        time.sleep(1.1)
        # The second answer for b is a new one, and the server has begun to fail for the other.
        session.get(f"{kit.http_url}/b")
        assert session.get(f"{kit.http_url}/fails-later").from_cache
        with contextlib.suppress(Exception):
            session.get("http://127.0.0.1:1/nobody", timeout=5)
        return session

    return run


def on_redis(kit: Kit) -> Any:
    """Reads through a client of redis-py, alone, many at a time and in a pipeline."""
    import redis

    client = redis.Redis.from_url(kit.redis_url)
    client.flushdb()
    kit.register("x", client)
    for key in ("a", "a", "b", "a"):
        if client.get(key) is None:
            # Long enough that the first one is still there at the last look-up, on a machine that is busy as well.
            client.set(key, str(load(key)), px=3000)
    assert client.mget("a", "c") == [b"a", None]
    client.set("kept", "k")
    with client.pipeline() as pipeline:
        pipeline.get("kept").get("d").set("e", "1").get("e")
        assert pipeline.execute() == [b"k", None, True, b"1"]
    time.sleep(3.1)
    assert client.get("a") is None
    client.close()
    return client


async def _on_async_redis(kit: Kit) -> None:
    import redis.asyncio

    client = redis.asyncio.Redis.from_url(kit.redis_url)
    await client.flushdb()
    kit.register("x", client)
    for key in ("a", "a", "b", "a"):
        if await client.get(key) is None:
            await client.set(key, str(load(key)), ex=60)
    assert await client.mget("a", "c") == [b"a", None]
    async with client.pipeline() as pipeline:
        assert await pipeline.get("a").get("d").execute() == [b"a", None]
    await client.aclose()
    kit.undo.append(functools.partial(str, client))


def on_redis_server(kit: Kit) -> Any:
    """Asks the server for its own counts, which another client has made."""
    import redis

    other = redis.Redis.from_url(kit.redis_url)
    other.config_resetstat()
    other.flushall()
    other.set("a", "1")
    assert [other.get(key) for key in ("a", "a", "b")] == [b"1", b"1", None]
    client = redis.Redis.from_url(kit.redis_url)
    kit.register("x", client.info)
    kit.undo.extend((client.close, other.close))
    return client


async def _on_aiocache(kit: Kit) -> None:
    import aiocache

    cache = aiocache.SimpleMemoryCache(ttl=60)
    kit.register("x", cache)
    for key in ("a", "a", "b", "a"):
        if await cache.get(key) is None:
            await cache.set(key, load(key))
    assert await cache.multi_get(["a", "c"]) == ["a", None]
    await cache.set("short", "s", ttl=0.05)
    await asyncio.sleep(0.2)
    assert await cache.get("short", default="over") == "over"
    await cache.delete("a")
    assert await cache.get("a") is None

    @aiocache.cached(ttl=60)
    async def price(item: str) -> object:
        return load(item)

    kit.register("y", price)
    assert [await price("p"), await price("p")] == ["p", "p"]
    kit.undo.append(functools.partial(str, (cache, price)))


def counted_by_itself(kit: Kit) -> Any:
    """Registers what the application counts itself, through the seam."""
    state = CacheState(hits=8, misses=2, size=4)
    kit.register("x", lambda: state)


# Of four misses one was evicted and three absent, but for the last look-up nothing was loaded.
_BOUNDED = CacheState(2, 4, 1, 2, absent=3, expired=0, evicted=1, loads=3)
_TIMED = CacheState(1, 5, 0, 3, absent=3, expired=2, evicted=0, loads=5)
_DECORATED = CacheState(2, 2, 0, 2, absent=2, expired=0, evicted=0, loads=2)
_DJANGO_LOCAL = CacheState(6, 6, absent=5, expired=1, evicted=0, loads=3)
_DJANGO_SHARED = CacheState(6, 6, absent=0, expired=1, evicted=0, loads=3)
_FLASK_LOCAL = CacheState(7, 7, absent=6, expired=1, evicted=0, loads=4)
_FLASK_SHARED = CacheState(7, 7, absent=0, expired=1, evicted=0, loads=4)
_HTTP = CacheState(2, 5, stale_hits=1, absent=4, expired=1, evicted=0, loads=4, saved_points=2)
_ITEMS = "otelmon.register_cache(name, cache)"
_FOUND = "none: found by itself"

SCRIPTS = (
    Script("functools", _FOUND, functools_cached, CacheState(1, 4, None, 2), "functools"),
    Script("cachetools FIFO", _ITEMS, bounded(lambda library: library.FIFOCache(2)), _BOUNDED),
    Script("cachetools LFU", _ITEMS, bounded(lambda library: library.LFUCache(2)), _BOUNDED),
    Script("cachetools LRU", _ITEMS, bounded(lambda library: library.LRUCache(2)), _BOUNDED),
    Script("cachetools RR", _ITEMS, bounded(lambda library: library.RRCache(2)), _BOUNDED),
    Script("cachetools TTL", _ITEMS, timed(lambda library, timer: library.TTLCache(9, 10, timer)), _TIMED),
    Script(
        "cachetools TLRU",
        _ITEMS,
        timed(lambda library, timer: library.TLRUCache(9, lambda _key, _value, now: now + 10, timer)),
        _TIMED,
    ),
    Script("cachetools @cached", "otelmon.register_cache(name, function)", decorated, _DECORATED),
    Script(
        "cachetools @cached on a dict, info=True",
        "otelmon.register_cache(name, function)",
        with_info,
        CacheState(2, 2, None, 2),
    ),
    Script("cachetools @cachedmethod", _ITEMS, of_methods, _DECORATED),
    Script("Django locmem", _FOUND, on_django("locmem.LocMemCache", lambda _: "x"), _DJANGO_LOCAL, "django.default"),
    Script("Django db", _FOUND, on_django("db.DatabaseCache", lambda _: "kept"), _DJANGO_SHARED, "django.default"),
    Script(
        "Django file",
        _FOUND,
        on_django("filebased.FileBasedCache", lambda kit: str(kit.folder)),
        _DJANGO_SHARED,
        "django.default",
    ),
    Script(
        "Django redis",
        _FOUND,
        on_django("redis.RedisCache", lambda kit: kit.redis_url),
        _DJANGO_SHARED,
        "django.default",
    ),
    Script(
        "Flask-Caching SimpleCache", _FOUND, on_flask("SimpleCache", lambda _: {}), _FLASK_LOCAL, "flask_caching.shop"
    ),
    Script(
        "Flask-Caching FileSystemCache",
        _FOUND,
        on_flask("FileSystemCache", lambda kit: {"CACHE_DIR": str(kit.folder)}),
        _FLASK_SHARED,
        "flask_caching.shop",
    ),
    Script(
        "Flask-Caching RedisCache",
        _FOUND,
        on_flask("RedisCache", lambda kit: {"CACHE_REDIS_URL": kit.redis_url}),
        _FLASK_SHARED,
        "flask_caching.shop",
    ),
    Script(
        "requests-cache memory",
        _FOUND,
        on_requests_cache("memory"),
        CacheState(2, 5, size=3, stale_hits=1, absent=4, expired=1, evicted=0, loads=4, saved_points=2),
        "requests_cache.answers",
    ),
    Script("requests-cache sqlite", _FOUND, on_requests_cache("sqlite"), _HTTP, "requests_cache.answers"),
    Script(
        "redis-py, client",
        "otelmon.register_cache(name, client)",
        on_redis,
        CacheState(5, 5, absent=0, expired=1, evicted=0, loads=2),
    ),
    Script(
        "redis-py, asyncio client",
        "otelmon.register_cache(name, client)",
        lambda kit: asyncio.run(_on_async_redis(kit)),
        CacheState(4, 4, absent=0, expired=0, evicted=0, loads=2),
    ),
    Script(
        "redis-py, the server's counts",
        "otelmon.register_cache(name, client.info)",
        on_redis_server,
        CacheState(2, 1, 0, 1),
    ),
    Script(
        "aiocache memory",
        _ITEMS,
        lambda kit: asyncio.run(_on_aiocache(kit)),
        CacheState(3, 5, absent=4, expired=1, evicted=0, loads=2),
    ),
    Script(
        "any, through a reader", "otelmon.register_cache(name, reader)", counted_by_itself, CacheState(8, 2, size=4)
    ),
)


def names_of(script: Script) -> Iterator[str]:
    """Yields the name under which a script's cache must be reported."""
    yield f"{__name__}.functools_cached.<locals>.price" if script.name == "functools" else script.name
