"""The application gets the same from a cache whether it is watched or not, and gets it back as it was."""

from __future__ import annotations

import asyncio
import copy
import gc
import os
import pickle
import threading
import warnings
from typing import TYPE_CHECKING, Any

import cachetools
import pytest

from otelmon.hooks.caches import cachelib_cache, django_cache, requests_cache_session
from otelmon.hooks.caches.registration import register
from otelmon.hooks.late_patching import when_imported
from otelmon.records import CacheState
from otelmon.registry import HookRegistry
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.caches.scripts import Kit


class Loading(cachetools.LRUCache):
    """Loads what is missing by itself, but not everything."""

    def __missing__(self, key: Any) -> Any:
        if key == "refused":
            raise LookupError(key)
        self[key] = value = key * 2
        return value


class Picky(cachetools.FIFOCache):
    """Takes no text."""

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(value, str):
            raise TypeError("no text")
        super().__setitem__(key, value)


MAKERS = {
    "FIFOCache": lambda: cachetools.FIFOCache(3),
    "LFUCache": lambda: cachetools.LFUCache(3),
    "LRUCache": lambda: cachetools.LRUCache(3),
    "LRUCache by size": lambda: cachetools.LRUCache(10, getsizeof=lambda value: value if isinstance(value, int) else 1),
    "RRCache": lambda: cachetools.RRCache(3, choice=min),
    "TTLCache": lambda: cachetools.TTLCache(3, 10, timer=lambda: 0),
    "TTLCache that is over at once": lambda: cachetools.TTLCache(3, 0, timer=lambda: 0),
    "TLRUCache": lambda: cachetools.TLRUCache(3, lambda _key, value, _now: value == 2, timer=lambda: 0),
    "subclass that loads": lambda: Loading(3),
    "subclass that refuses": lambda: Picky(3),
}
STEPS: dict[str, Callable[[Any], Any]] = {
    "[] of nothing": lambda cache: cache[1],
    "get of nothing": lambda cache: (cache.get(1), cache.get(1, 5), cache.get(1, default=6)),
    "store": lambda cache: [cache.__setitem__(key, key) for key in (1, 2, 3)],
    "[]": lambda cache: [cache[key] for key in (2, 2, 3)],
    "refused": lambda cache: cache["refused"],
    "in": lambda cache: (1 in cache, 7 in cache),
    "store more": lambda cache: cache.__setitem__(4, 4),
    "too large": lambda cache: cache.__setitem__(5, 500),
    "text": lambda cache: cache.__setitem__(6, "text"),
    "unhashable": lambda cache: cache[[]],
    "unhashable get": lambda cache: cache.get([]),
    "setdefault": lambda cache: (cache.setdefault(2, 9), cache.setdefault(8, 8)),
    "pop": lambda cache: (cache.pop(2, "none"), cache.pop(99, "none")),
    "pop of nothing": lambda cache: cache.pop(99),
    "iteration": lambda cache: (list(cache), list(cache.items()), list(cache.values()), len(cache), cache.currsize),
    "text of it": repr,
    "delete": lambda cache: cache.__delitem__(next(iter(cache))),
    "delete of nothing": lambda cache: cache.__delitem__(77),
    "popitem": lambda cache: cache.popitem(),
    "update": lambda cache: cache.update({1: 1, 2: 2}),
    "equal": lambda cache: cache == dict(cache),
    "copy": lambda cache: (type(copy.copy(cache)).__name__, dict(copy.copy(cache))),
    "its class": lambda cache: (cache.__class__, isinstance(cache, cachetools.Cache), type(cache).__name__),
    "clear": lambda cache: (cache.clear(), len(cache)),
    "popitem of nothing": lambda cache: cache.popitem(),
}


def outcome(step: Callable[[Any], Any], cache: Any) -> object:
    """Returns a step's result, or type and text of its exception."""
    try:
        return step(cache)
    except Exception as error:  # noqa: BLE001 - compared
        return type(error), str(error)


@pytest.mark.parametrize("name", MAKERS)
def test_every_step_has_the_same_outcome(name: str) -> None:
    """Results and exceptions of 25 steps are the same, in any order of evictions."""
    bare, watched = MAKERS[name](), MAKERS[name]()
    register(HookRegistry(Settings()), "x", watched)
    for title, step in STEPS.items():
        assert outcome(step, watched) == outcome(step, bare), title


def test_copies_and_pickles_are_genuine() -> None:
    """A copy, a deep copy and a pickle are of the genuine type and count for nobody."""
    registry = HookRegistry(Settings())
    cache = cachetools.LRUCache(3)
    cache[1] = 1
    register(registry, "x", cache)
    for made in (
        copy.copy(cache),
        copy.deepcopy(cache),
        *(pickle.loads(pickle.dumps(cache, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)),  # noqa: S301 - our own
    ):
        assert type(made) is cachetools.LRUCache
        assert made[1] == 1
    assert registry.caches()["x"].hits == 0


def test_loader_that_raises_passes_as_it_is() -> None:
    """The application's exception arrives, the miss is counted, and no load is."""
    registry = HookRegistry(Settings())

    @cachetools.cached(cachetools.LRUCache(3))
    def fails() -> None:
        raise OSError("planted")

    register(registry, "x", fails)
    for _ in range(3):
        with pytest.raises(OSError, match="planted"):
            fails()
    state = registry.caches()["x"]
    assert (state.hits, state.misses, state.absent, state.loads) == (0, 3, 3, 0)


def test_threads_with_a_lock_are_counted_exactly() -> None:
    """Eight threads on one locked function: each call is a hit or a miss."""
    registry = HookRegistry(Settings())

    @cachetools.cached(cachetools.LRUCache(50), lock=threading.Lock())
    def price(item: int) -> int:
        return item

    register(registry, "x", price)
    threads = [threading.Thread(target=lambda: [price(number % 100) for number in range(3000)]) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    state = registry.caches()["x"]
    assert (state.hits or 0) + (state.misses or 0) == 24_000
    assert state.size == 50


def test_registered_twice_is_counted_once() -> None:
    """Registering the same cache again, a thousand times, changes nothing; a function in the same way."""
    registry = HookRegistry(Settings())
    cache = cachetools.LRUCache(3)
    names = {register(registry, "x", cache) for _ in range(1000)}
    cache.get(1)
    assert names == {"x"}
    assert type(cache).__mro__.count(cachetools.LRUCache) == 1
    assert len(type(cache).__mro__) == len(cachetools.LRUCache.__mro__) + 1
    assert registry.caches()["x"].misses == 1


def test_replaced_cache_takes_the_name_over() -> None:
    """When a cache is gone its name is free, and its counts do not pass to the next one."""
    registry = HookRegistry(Settings())
    for _ in range(100):
        cache = cachetools.LRUCache(3)
        assert register(registry, "x", cache) == "x"
        cache.get(1)
        del cache
        gc.collect()
    assert registry.caches() == {}


def test_undo_gives_the_genuine_type_back() -> None:
    """After the undoing nothing counts, and the cache has its contents."""
    registry = HookRegistry(Settings())
    cache = cachetools.LRUCache(3)
    register(registry, "x", cache)
    cache[1] = 1
    registry.observed_caches.undo()
    assert type(cache) is cachetools.LRUCache
    assert cache[1] == 1
    assert registry.caches()["x"].hits == 0


def test_hooks_put_everything_back(kit: Kit) -> None:
    """Install and undo a hundred times: the library's own functions stand where they stood."""
    import django.core.cache
    import flask_caching
    import requests_cache.session

    places = (
        (django_cache.hook, django.core.cache.CacheHandler, "create_connection"),
        (cachelib_cache.hook, flask_caching.Cache, "init_app"),
        (requests_cache_session.hook, requests_cache.session.CacheMixin, "__init__"),
    )
    for hook, owner, name in places:
        before = vars(owner)[name]
        for _ in range(100):
            hook.install(kit.registry)()
        assert vars(owner)[name] is before


def test_registering_by_hand_takes_the_place_of_what_was_found(kit: Kit) -> None:
    """A session that was found by itself gets the given name instead, and is not counted twice."""
    import requests_cache

    kit.undo.append(requests_cache_session.hook.install(kit.registry))
    session = requests_cache.CachedSession("found", backend="memory")
    kit.register("mine", session)
    for _ in range(2):
        session.get(kit.http_url)
    states = kit.registry.caches()
    assert (states["mine"].hits, states["mine"].misses) == (1, 1)
    assert (states["requests_cache.found"].hits, states["requests_cache.found"].misses) == (0, 0)
    session.close()


def test_backend_by_hand_and_extension_by_hand(kit: Kit) -> None:
    """A backend of Django and an extension of Flask-Caching are recognised without their hooks."""
    import flask_caching
    from django.core.cache.backends.locmem import LocMemCache
    from flask import Flask

    backend = LocMemCache("by hand", {})
    app = Flask("by hand")
    cache = flask_caching.Cache(app, config={"CACHE_TYPE": "SimpleCache"})
    kit.register("django", backend)
    kit.register("flask", cache)
    with app.app_context():
        assert (backend.get("a", 1), cache.get("a")) == (1, None)
        assert asyncio.run(backend.aget_or_set("b", lambda: 2)) == 2
    states = kit.registry.caches()
    assert (states["django"].misses, states["flask"].misses) == (2, 1)


def test_caches_that_store_nothing_are_left_alone(kit: Kit) -> None:
    """Django's dummy and Flask-Caching's null cache never hit, and are not reported."""
    import flask_caching
    from django.core.cache import CacheHandler
    from flask import Flask

    kit.undo.extend((django_cache.hook.install(kit.registry), cachelib_cache.hook.install(kit.registry)))
    backend = CacheHandler({"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}})["default"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        flask_caching.Cache(Flask("none"), config={"CACHE_TYPE": "NullCache"})
    assert backend.get("a") is None
    assert kit.registry.caches() == {}


def test_many_threads_of_django_write_one_book(kit: Kit) -> None:
    """Each thread has a backend of its own; all of an alias are one cache."""
    from django.core.cache import CacheHandler

    kit.undo.append(django_cache.hook.install(kit.registry))
    caches = CacheHandler(
        {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "threads"}}
    )
    caches["default"].set("a", 1)
    threads = [threading.Thread(target=lambda: [caches["default"].get("a") for _ in range(100)]) for _ in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert kit.registry.caches().keys() == {"django.default"}
    assert kit.registry.caches()["django.default"].hits == 2000


def test_asynchronous_client_cannot_be_read_for_the_server(kit: Kit) -> None:
    """The message says what would do."""
    import redis.asyncio

    client = redis.asyncio.Redis.from_url(kit.redis_url)
    with pytest.raises(TypeError, match=r"give the info of a redis\.Redis"):
        kit.register("x", client.info)


def test_errors_of_redis_pass_and_are_no_look_ups(kit: Kit) -> None:
    """A command that the server refuses raises as it would; every way to store, change and remove is taken."""
    import redis

    client = redis.Redis.from_url(kit.redis_url)
    client.flushdb()
    client.lpush("list", 1)
    kit.register("x", client)
    with pytest.raises(redis.ResponseError):
        client.get("list")
    answers = client.pipeline().get("list").get("a").execute(raise_on_error=False)
    assert isinstance(answers[0], redis.ResponseError)
    for step in (
        lambda: client.execute_command("SETEX", "s", 60, "1"),
        lambda: client.execute_command("PSETEX", "p", 60_000, "1"),
        lambda: client.mset({"m": "1", "n": "2"}),
        lambda: client.set("k", "1", keepttl=True),
        lambda: client.set("k", "1", nx=True),
        lambda: client.getex("s", ex=5),
        lambda: client.getdel("p"),
        lambda: client.delete("m", "n"),
        lambda: client.execute_command("get", "k"),
        client.flushdb,
    ):
        step()
    client.close()
    state = kit.registry.caches()["x"]
    assert (state.hits, state.misses) == (3, 1)


def test_server_that_is_gone_is_absent(kit: Kit) -> None:
    """A server that cannot be asked is no server with zero hits, and the others are read."""
    import redis

    from otelmon import guard

    guard.set_strict(False)
    kit.register("gone", redis.Redis(host="127.0.0.1", port=1).info)
    kit.register("good", lambda: CacheState(hits=1))
    assert kit.registry.caches() == {"good": CacheState(hits=1)}


def test_forked_child_counts_its_own() -> None:
    """A child counts from zero with what it inherited, and goes on to do so."""
    registry = HookRegistry(Settings())
    cache = cachetools.LRUCache(3)
    register(registry, "x", cache)
    cache[1] = 1
    assert [cache[1] for _ in range(5)] == [1] * 5
    registry.caches()
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        registry.after_fork()
        first = registry.caches()["x"].hits
        _ = cache[1], cache[1]
        os.write(writing, f"{first} {registry.caches()['x'].hits}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 100) == b"0 2"
    os.close(reading)
    os.close(writing)
    assert registry.caches()["x"].hits == 5


def test_library_is_patched_when_it_is_imported(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that nobody imports is not loaded; one imported later is patched then, unless that was undone."""
    import importlib

    from otelmon import guard

    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("late_one", "late_two"):
        (tmp_path / f"{name}.py").write_text("value = 1\n")
    events: list[str] = []

    def patch(module: Any) -> Callable[[], None]:
        events.append(module.__name__)
        return lambda: events.append(f"{module.__name__} back")

    undo_one = when_imported(guard.site("test.late"), "late_one", patch)
    undo_two = when_imported(guard.site("test.late"), "late_two", patch)
    undo_two()
    assert events == []
    importlib.import_module("late_one")
    importlib.import_module("late_two")
    undo_one()
    assert events == ["late_one", "late_one back"]


async def _every_way_of_aiocache(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    import aiocache

    cache = aiocache.SimpleMemoryCache(namespace="n")
    kit.register("x", cache)
    await cache.multi_set([("a", 1), ("b", 2)], ttl=60)
    await cache.multi_set(iter([("c", 3)]))
    assert await cache.multi_get(["a", "b", "c"]) == [1, 2, 3]
    assert await cache.expire("a", 0.05)
    await asyncio.sleep(0.2)
    # Whether a key whose time was changed expired or was evicted is not known any more.
    assert await cache.get("a") is None
    await cache.clear(namespace="n")
    assert await cache.get("b", default=5, namespace="n") == 5
    await cache.clear()
    assert await cache.get("b") is None
    monkeypatch.setenv("AIOCACHE_DISABLE", "1")
    assert await cache.get("b") is None


def test_every_way_of_aiocache(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many at once, namespaces, changed times, and a cache that is switched off, which is not looked up in."""
    asyncio.run(_every_way_of_aiocache(kit, monkeypatch))
    state = kit.registry.caches()["x"]
    assert (state.hits, state.misses, state.absent, state.expired, state.evicted) == (3, 3, 2, 0, 0)


def test_every_way_of_django(kit: Kit) -> None:
    """Many at once, versions, counting and removing: look-ups are those by get alone."""
    from django.core.cache.backends.locmem import LocMemCache

    cache = LocMemCache("every way", {})
    kit.register("x", cache)
    cache.set_many({"a": 1, "b": 2, "c": 3}, 60)
    cache.set("a", 10, version=2)
    assert [cache.get("a"), cache.get("a", version=2)] == [1, 10]
    assert [cache.add("a", 5), cache.add("d", 4, timeout=None)] == [False, True]
    assert [cache.incr("a"), cache.incr_version("b"), cache.touch("c", 60)] == [2, 2, True]
    cache.delete_many(["a", "c"])
    assert [cache.get("a", 0), cache.get("c", 0)] == [0, 0]
    state = kit.registry.caches()["x"]
    assert (state.hits, state.misses, state.absent) == (2, 2, 2)


def test_session_that_only_looks_or_must_ask_again(kit: Kit) -> None:
    """What must not be fetched is a miss without a load; a forced refresh is none; what was deleted has no cause."""
    import requests_cache

    session = requests_cache.CachedSession("ways", backend="memory")
    kit.register("x", session)
    assert session.get(kit.http_url, only_if_cached=True).status_code == 504
    session.get(kit.http_url)
    session.get(kit.http_url, refresh=True)
    session.get(kit.http_url, force_refresh=True)
    session.cache.delete(urls=[f"{kit.http_url}/"])
    session.get(kit.http_url)
    state = kit.registry.caches()["x"]
    assert (state.hits, state.misses, state.absent, state.expired, state.loads) == (1, 3, 2, 0, 2)
    session.close()


def test_answer_that_was_confirmed_is_a_miss(kit: Kit) -> None:
    """An entity tag that GitHub confirms by 304 costs a request: it is no hit, and no point is saved."""
    import time

    import requests_cache

    session = requests_cache.CachedSession("tags", backend="memory", expire_after=1)
    kit.register("x", session)
    session.get(f"{kit.http_url}/etag")
    assert session.get(f"{kit.http_url}/etag").from_cache
    time.sleep(1.1)
    confirmed = session.get(f"{kit.http_url}/etag")
    assert (confirmed.from_cache, confirmed.text) == (True, "/etag")
    state = kit.registry.caches()["x"]
    assert (state.hits, state.misses, state.absent, state.expired, state.saved_points) == (1, 2, 1, 1, 1)
    session.close()


def test_other_hosts_save_no_points(kit: Kit) -> None:
    """Only the hosts that are taken for GitHub's have a budget: a hit of another one saves time and no point."""
    import requests_cache

    session = requests_cache.CachedSession("others", backend="memory")
    kit.register("x", session)
    other = kit.http_url.replace("127.0.0.1", "localhost")
    for _ in range(3):
        session.get(other)
    state = kit.registry.caches()["x"]
    assert (state.hits, state.saved_points) == (2, 0)
    session.close()
