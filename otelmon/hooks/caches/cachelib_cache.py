"""Watches caches of cachelib, on which Flask-Caching rests: registered ones, and the one that each Flask app has.

A value of None is a miss, as cachelib itself cannot tell it from one.
"""

# ruff: noqa: ANN401 - the signatures are those of the library
from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.hooks.caches.subclass import CountingAtMost, counts_here, limited, observe_as, subclass_of, within
from otelmon.hooks.late_patching import when_imported
from otelmon.hooks.patching import patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from otelmon.registry import CacheBook, HookRegistry

_SITE = guard.site("hooks.flask_caching")
# Flask-Caching keeps the versions of memoized functions in the cache as well; no value is looked up by them.
_BOOKKEEPING = "_memver"


def subject(cache: object) -> object | None:
    """Returns a cachelib cache as it is, and for Flask-Caching's ``Cache`` the backend of its app."""
    library = sys.modules.get("cachelib.base")
    if library is None:
        return None
    flask = sys.modules.get("flask_caching")
    if flask is not None and isinstance(cache, flask.Cache):
        # Its own property wants an application context.
        cache = cache.app.extensions["cache"][cache]
    return cache if isinstance(cache, library.BaseCache) else None


def observe(registry: HookRegistry, name: str, cache: object) -> tuple[str, Callable[[], None]]:
    """Watches a cache from now on; returns the name under which it is reported, and what undoes it."""
    local = sys.modules.get("cachelib.simple")
    shared = local is None or not isinstance(cache, local.SimpleCache)
    used, book = registry.watch_cache(name, shared=shared)
    return used, observe_as(cache, _watched(type(cache), book))


class FlaskCachingHook:
    """Watches the cache of every Flask app that Flask-Caching is set up for."""

    name = "flask_caching"
    requires = "Flask-Caching>=2,<3"

    def install(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches ``Cache.init_app`` once Flask-Caching is imported; returns what undoes it."""

        def made(extension: Any, app: Any) -> None:
            backend = app.extensions["cache"][extension]
            name = f"flask_caching.{app.name}"
            if type(backend).__name__ != "NullCache":
                used, undo = observe(registry, name, backend)
                registry.observed_caches.keep("", backend, used, undo)

        def patch_extension(module: Any) -> Callable[[], None]:
            set_up = module.Cache.init_app

            def init_app(self: Any, app: Any, *args: Any, **more: Any) -> Any:
                done = set_up(self, app, *args, **more)
                guard.call(_SITE, made, self, app)
                return done

            return patch(module.Cache, "init_app", init_app)

        return when_imported(_SITE, "flask_caching", patch_extension)


def _watched(genuine: type, book: CacheBook) -> type:
    return subclass_of(
        genuine,
        {**_lookups(genuine, book), **_changes(genuine, book), **dict(within(genuine, ("has", "inc", "dec"), 0))},
    )


def _lookups(genuine: Any, book: CacheBook) -> dict[str, object]:
    find, find_many, find_dict, hit = genuine.get, genuine.get_many, genuine.get_dict, book.hit

    def get(self: Any, key: Any) -> Any:
        value = find(self, key)
        if limited() is None or counts_here():
            if value is None:
                book.missed(key)
            else:
                hit()
        return value

    def get_many(self: Any, *keys: Any) -> Any:
        with CountingAtMost(0):
            values = find_many(self, *keys)
        if counts_here():
            guard.call(_SITE, _many, book, keys, values)
        return values

    def get_dict(self: Any, *keys: Any) -> Any:
        with CountingAtMost(0):
            found = find_dict(self, *keys)
        if counts_here():
            guard.call(_SITE, _many, book, keys, [found.get(key) for key in keys])
        return found

    return {"get": get, "get_many": get_many, "get_dict": get_dict}


def _many(book: CacheBook, keys: Iterable[str], values: Iterable[object]) -> None:
    for key, value in zip(keys, values, strict=False):
        if str(key).endswith(_BOOKKEEPING):
            continue
        if value is None:
            book.missed(key)
        else:
            book.hit()


def _changes(genuine: Any, book: CacheBook) -> dict[str, object]:
    def noting(name: str, note: Callable[..., None]) -> Callable[..., Any]:
        method = getattr(genuine, name)

        def change(self: Any, *args: Any, **more: Any) -> Any:
            # A cache of files keeps its own books in itself.
            with CountingAtMost(0):
                done = method(self, *args, **more)
            if "mgmt_element" not in more:
                guard.call(_SITE, note, book, self, done, *args, **more)
            return done

        return change

    return {
        "set": noting("set", _stored),
        "add": noting("add", _stored),
        "set_many": noting("set_many", _stored_many),
        "delete": noting("delete", _removed),
        "delete_many": noting("delete_many", _removed),
        "clear": noting("clear", _cleared),
    }


def _stored(book: CacheBook, cache: Any, done: object, key: str, value: object, timeout: Any = None) -> None:  # noqa: PLR0913, PLR0917 - as cachelib has it
    del value
    if done or done is None:
        ttl = cache.default_timeout if timeout is None else timeout
        seconds = ttl.total_seconds() if isinstance(ttl, dt.timedelta) else float(ttl)
        # 0 and less stand for "does not expire".
        book.stored(key, seconds if seconds > 0 else None)


def _stored_many(book: CacheBook, cache: Any, done: object, mapping: Any, timeout: Any = None) -> None:
    del done
    for key in mapping:
        _stored(book, cache, None, key, None, timeout)


def _removed(book: CacheBook, cache: Any, done: object, *keys: str) -> None:
    del cache, done
    for key in keys:
        book.removed(key)


def _cleared(book: CacheBook, cache: Any, done: object) -> None:
    del cache, done
    book.keys.cleared()


hook = FlaskCachingHook()
