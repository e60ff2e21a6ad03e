"""Watches a cache of aiocache, alone or behind ``@cached``.

A value of None is a miss, as aiocache itself cannot tell it from one.
"""

# ruff: noqa: ANN401 - the signatures are those of the library
from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.hooks.caches.subclass import observe_as, subclass_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from otelmon.registry import CacheBook, HookRegistry

_SITE = guard.site("hooks.aiocache")
_MISSING = object()


def subject(cache: object) -> object | None:
    """Returns a cache, or the one behind a function that aiocache decorated; None for anything else."""
    library = sys.modules.get("aiocache.base")
    if library is None:
        return None
    return next((each for each in (cache, getattr(cache, "cache", None)) if isinstance(each, library.BaseCache)), None)


def observe(registry: HookRegistry, name: str, cache: object) -> tuple[str, Callable[[], None]]:
    """Watches a cache from now on; returns the name under which it is reported, and what undoes it."""
    used, book = registry.watch_cache(name, shared=getattr(cache, "NAME", None) != "memory")
    genuine = type(cache)
    return used, observe_as(cache, subclass_of(genuine, {**_lookups(genuine, book), **_changes(genuine, book)}))


def _name(cache: Any, key: object, namespace: object) -> tuple[object, object]:
    return key, cache.namespace if namespace is None else namespace


def _lookups(genuine: Any, book: CacheBook) -> dict[str, object]:
    find, find_many, hit = genuine.get, genuine.multi_get, book.hit

    async def get(self: Any, key: Any, default: Any = None, **more: Any) -> Any:
        value = await (find(self, key, _MISSING, **more) if more else find(self, key, _MISSING))
        if value is _MISSING:
            book.missed(_name(self, key, more.get("namespace")))
            return default
        # None comes from a cache that AIOCACHE_DISABLE has switched off: nothing was looked up.
        if value is not None:
            hit()
        return value

    async def multi_get(self: Any, keys: Any, **more: Any) -> Any:
        asked = list(keys)
        values = await find_many(self, asked, **more)
        guard.call(_SITE, _many, book, [_name(self, key, more.get("namespace")) for key in asked], values)
        return values

    return {"get": get, "multi_get": multi_get}


def _many(book: CacheBook, names: Iterable[object], values: Iterable[object]) -> None:
    for name, value in zip(names, values, strict=False):
        if value is None:
            book.missed(name)
        else:
            book.hit()


def _changes(genuine: Any, book: CacheBook) -> dict[str, object]:
    def noting(name: str, note: Callable[..., None]) -> Callable[..., Any]:
        method = getattr(genuine, name)

        async def change(self: Any, *args: Any, **more: Any) -> Any:
            done = await method(self, *args, **more)
            guard.call(_SITE, note, book, self, *args, **more)
            return done

        return change

    return {
        "set": noting("set", _stored),
        "add": noting("add", _stored),
        "multi_set": noting("multi_set", _stored_many),
        "delete": noting("delete", _removed),
        "expire": noting("expire", _removed),
        "clear": noting("clear", _cleared),
    }


def _stored(  # noqa: PLR0913, PLR0917 - as aiocache has it
    book: CacheBook, cache: Any, key: Any, value: Any, ttl: Any = _MISSING, namespace: Any = None, **more: Any
) -> None:
    del value, more
    # aiocache has a plain object of its own for "not given".
    known = cache.ttl if type(ttl) is object else ttl
    # 0 stands for "does not expire", as None does.
    book.stored(_name(cache, key, namespace), float(known) if known else None)


def _stored_many(
    book: CacheBook, cache: Any, pairs: Any, ttl: Any = _MISSING, namespace: Any = None, **more: Any
) -> None:
    del more
    for key, _ in pairs if isinstance(pairs, (list, tuple)) else ():
        _stored(book, cache, key, None, ttl, namespace)


def _removed(book: CacheBook, cache: Any, key: Any, *args: Any, namespace: Any = None, **more: Any) -> None:
    """Forgets a key; also one whose time was changed, of which nothing certain is known from then on."""
    del args, more
    book.removed(_name(cache, key, namespace))


def _cleared(book: CacheBook, cache: Any, namespace: Any = None, **more: Any) -> None:
    del cache, more
    if namespace:
        book.keys.forget()
    else:
        book.keys.cleared()
