"""Watches the caches of Django: those of the setting ``CACHES`` by their alias, and any backend that is registered.

Django makes a backend for each thread; all of one alias write to one book. ``aget`` and its like run the plain methods
in a thread, and are counted there.
"""

# ruff: noqa: ANN401 - the signatures are those of the library
from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.hooks.caches.subclass import CountingAtMost, counts_here, limited, observe_as, subclass_of, within
from otelmon.hooks.late_patching import when_imported
from otelmon.hooks.patching import patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from otelmon.registry import CacheBook, HookRegistry

_SITE = guard.site("hooks.django_cache")
_BASE = "django.core.cache.backends.base"
_MISSING = object()


def subject(cache: object) -> object | None:
    """Returns a backend as it is; None for anything else."""
    library = sys.modules.get(_BASE)
    return cache if library is not None and isinstance(cache, library.BaseCache) else None


def observe(registry: HookRegistry, name: str, cache: object) -> tuple[str, Callable[[], None]]:
    """Watches a backend from now on; returns the name under which it is reported, and what undoes it."""
    used, book = registry.watch_cache(name, shared=_is_shared(cache))
    return used, observe_as(cache, _watched(type(cache), book))


def _is_shared(cache: object) -> bool:
    local = sys.modules.get("django.core.cache.backends.locmem")
    return local is None or not isinstance(cache, local.LocMemCache)


class DjangoCacheHook:
    """Watches the backends that Django makes for the setting ``CACHES``."""

    name = "django_cache"
    requires = "Django>=4.2,<7"

    def install(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches ``CacheHandler.create_connection`` once Django's caches are imported; returns what undoes it."""
        watch = DjangoCaches(registry)

        def patch_handler(module: Any) -> Callable[[], None]:
            make = module.CacheHandler.create_connection

            def create_connection(self: Any, alias: Any) -> Any:
                backend = make(self, alias)
                guard.call(_SITE, watch.made, alias, backend)
                return backend

            return patch(module.CacheHandler, "create_connection", create_connection)

        return when_imported(_SITE, "django.core.cache", patch_handler)


class DjangoCaches:
    """Gives the backends of each alias one book, and each type of backend one subclass."""

    def __init__(self, registry: HookRegistry) -> None:
        self._registry = registry
        self._books: dict[str, CacheBook] = {}
        self._classes: dict[tuple[str, type], type] = {}

    def made(self, alias: str, backend: object) -> None:
        """Watches a backend that Django has made; one that stores nothing is left alone."""
        dummy = sys.modules.get("django.core.cache.backends.dummy")
        if dummy is not None and isinstance(backend, dummy.DummyCache):
            return
        if alias not in self._books:
            _, self._books[alias] = self._registry.watch_cache(f"django.{alias}", shared=_is_shared(backend))
        key = (alias, type(backend))
        if key not in self._classes:
            self._classes[key] = _watched(type(backend), self._books[alias])
        self._registry.observed_caches.keep_quietly(backend, observe_as(backend, self._classes[key]))


def _watched(genuine: type, book: CacheBook) -> type:
    members = {
        **_lookups(genuine, book),
        **_changes(genuine, book),
        # Each begins with one look-up; what follows is its own business.
        **dict(within(genuine, ("get_or_set",), 1)),
        **dict(within(genuine, ("has_key", "incr", "incr_version"), 0)),
        "aget_or_set": _async_get_or_set(genuine),
    }
    return subclass_of(genuine, members)


def _lookups(genuine: Any, book: CacheBook) -> dict[str, object]:
    find, find_many, hit = genuine.get, genuine.get_many, book.hit
    if _asks_many(genuine):
        find = dict(within(genuine, ("get",), 0))["get"]

    def get(self: Any, key: Any, default: Any = None, version: Any = None, **more: Any) -> Any:
        # A call with unpacked arguments costs more than everything else here.
        value = find(self, key, _MISSING, version, **more) if more else find(self, key, _MISSING, version)
        if limited() is not None and not counts_here():
            return default if value is _MISSING else value
        if value is not _MISSING:
            hit()
            return value
        guard.call(_SITE, _missed, book, self, key, version)
        return default

    def get_many(self: Any, keys: Any, version: Any = None, **more: Any) -> Any:
        asked = list(keys)
        with CountingAtMost(0):
            found = find_many(self, asked, version=version, **more)
        if counts_here():
            guard.call(_SITE, _many, book, self, asked, found, version)
        return found

    return {"get": get, "get_many": get_many}


def _asks_many(genuine: Any) -> bool:
    """Tells whether a backend finds one key by asking for many, as that of databases does."""
    finders = (vars(each).get("get") for each in genuine.__mro__)
    return any("get_many" in each.__code__.co_names for each in finders if hasattr(each, "__code__"))


def _missed(book: CacheBook, backend: Any, key: str, version: int | None) -> None:
    book.missed(backend.make_key(key, version=version))


def _many(
    book: CacheBook, backend: Any, asked: Iterable[str], found: Mapping[str, object], version: int | None
) -> None:
    for key in asked:
        if key in found:
            book.hit()
        else:
            _missed(book, backend, key, version)


def _async_get_or_set(genuine: Any) -> Callable[..., Any]:
    find_or_set = genuine.aget_or_set

    async def aget_or_set(self: Any, *args: Any, **more: Any) -> Any:
        with CountingAtMost(1):
            return await find_or_set(self, *args, **more)

    return aget_or_set


def _changes(genuine: Any, book: CacheBook) -> dict[str, object]:
    def storing(name: str) -> Callable[..., Any]:
        method = getattr(genuine, name)

        def store(self: Any, key: Any, value: Any, *args: Any, **more: Any) -> Any:
            done = method(self, key, value, *args, **more)
            if done or done is None:
                guard.call(_SITE, _stored, book, self, (key,), args, more)
            return done

        return store

    def noting(name: str, note: Callable[..., None]) -> Callable[..., Any]:
        method = getattr(genuine, name)

        def change(self: Any, *args: Any, **more: Any) -> Any:
            done = method(self, *args, **more)
            guard.call(_SITE, note, book, self, *args, **more)
            return done

        return change

    return {
        **{name: storing(name) for name in ("set", "add")},
        "set_many": noting("set_many", _stored_many),
        "touch": noting("touch", _removed),
        "delete": noting("delete", _removed),
        "delete_many": noting("delete_many", _removed_many),
        "clear": noting("clear", _cleared),
    }


def _stored(book: CacheBook, backend: Any, keys: Iterable[str], args: tuple[Any, ...], more: Mapping[str, Any]) -> None:
    default = sys.modules[_BASE].DEFAULT_TIMEOUT
    timeout = args[0] if args else more.get("timeout", default)
    version = args[1] if len(args) > 1 else more.get("version")
    ttl = backend.default_timeout if timeout is default else timeout
    for key in keys:
        book.stored(backend.make_key(key, version=version), None if ttl is None else float(ttl))


def _stored_many(book: CacheBook, backend: Any, data: Any, *args: Any, **more: Any) -> None:
    _stored(book, backend, tuple(data), args, more)


def _removed(book: CacheBook, backend: Any, key: Any, *args: Any, **more: Any) -> None:
    """Forgets a key; also one whose time was changed, of which nothing certain is known from then on."""
    del args
    book.removed(backend.make_key(key, version=more.get("version")))


def _removed_many(book: CacheBook, backend: Any, keys: Any, version: Any = None) -> None:
    for key in keys if isinstance(keys, (list, tuple, set, frozenset, dict)) else ():
        book.removed(backend.make_key(key, version=version))


def _cleared(book: CacheBook, backend: Any) -> None:
    del backend
    book.keys.cleared()


hook = DjangoCacheHook()
