"""Watches one cache of cachetools, of any policy, alone or under ``@cached`` and ``@cachedmethod``.

The cache object stays the one that the application has, with its type replaced by a subclass that counts. A subclass is
needed because Python looks ``cache[key]`` up on the type.

cachetools is not safe for threads without a lock of the application's, and so are the two flags here.
"""

# ruff: noqa: ANN401 - the signatures are those of the library
from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.hooks.caches.readers import weakly
from otelmon.hooks.caches.subclass import observe_as, subclass_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import CacheBook, HookRegistry

_MISSING = object()
_SITE = guard.site("hooks.cachetools")
_LONG_AGO = float("-inf")


def subject(cache: object) -> object | None:
    """Returns the cache, or the one behind a function that cachetools decorated; None for anything else."""
    library = sys.modules.get("cachetools")
    if library is None:
        return None
    return next((each for each in (cache, getattr(cache, "cache", None)) if isinstance(each, library.Cache)), None)


def observe(registry: HookRegistry, name: str, cache: object) -> tuple[str, Callable[[], None]]:
    """Watches a cache from now on; returns the name under which it is reported, and what undoes it."""
    alive = weakly(cache)
    plain: Any = sys.modules["cachetools"].Cache

    def size() -> int | None:
        # The plain length: that of a timed cache would expire entries from another thread.
        return None if (found := alive()) is None else int(plain.__len__(found))

    used, book = registry.watch_cache(name, size, counts=("evictions",))
    return used, observe_as(cache, _watched(type(cache), plain, book))


class _Flags:
    """Says what the cache itself is doing, so that its own steps are not taken for the application's."""

    __slots__ = ("own", "storing")

    def __init__(self) -> None:
        self.own = 0
        self.storing = 0


def _watched(genuine: type, plain: Any, book: CacheBook) -> type:
    flags = _Flags()
    members = {
        **_lookups(genuine, plain, book, flags),
        "get": _get(genuine, plain, book),
        **_changes(genuine, plain, book, flags),
        **{name: _unseen(getattr(genuine, name), flags) for name in ("pop", "setdefault")},
    }
    # Of a timed cache, whatever its version.
    if hasattr(genuine, "expire"):
        members["expire"] = _expiry(genuine, book)
    return subclass_of(genuine, members)


def _lookups(genuine: Any, plain: Any, book: CacheBook, flags: _Flags) -> dict[str, object]:
    getitem, missing, hit = genuine.__getitem__, genuine.__missing__, book.hit

    def found_or_raises(self: Any, key: Any) -> Any:
        value = getitem(self, key)
        if not flags.own:
            hit()
        return value

    def found_or_loaded(self: Any, key: Any) -> Any:
        present = key in self
        value = getitem(self, key)
        if present and not flags.own:
            hit()
        return value

    def on_missing(self: Any, key: Any) -> Any:
        if not flags.own:
            guard.call(_SITE, _missed, plain, book, self, key)
        return missing(self, key)

    loads = missing is not plain.__missing__
    return {"__getitem__": found_or_loaded if loads else found_or_raises, "__missing__": on_missing}


def _get(genuine: Any, plain: Any, book: CacheBook) -> Callable[..., Any]:
    get = genuine.get

    def get_counted(self: Any, key: Any, default: Any = None, **more: Any) -> Any:
        value = get(self, key, _MISSING, **more)
        if value is not _MISSING:
            return value
        guard.call(_SITE, _missed, plain, book, self, key)
        return default

    return get_counted


def _missed(plain: Any, book: CacheBook, cache: Any, key: Any) -> None:
    if plain.__contains__(cache, key):
        # There, though it was not found: its time is over.
        book.keys.stored(key, _LONG_AGO)
    book.missed(key)


def _stored(plain: Any, book: CacheBook, cache: Any, key: Any) -> None:
    # A cache with times to use does not keep what is over already.
    book.stored(key, end=None if plain.__contains__(cache, key) else _LONG_AGO)


def _expired(book: CacheBook, expired: Any) -> None:
    # Releases before 6 return nothing.
    for key, _ in expired or ():
        book.keys.stored(key, _LONG_AGO)


def _changes(genuine: Any, plain: Any, book: CacheBook, flags: _Flags) -> dict[str, object]:
    setitem, delitem, popitem, clear = genuine.__setitem__, genuine.__delitem__, genuine.popitem, genuine.clear

    def __setitem__(self: Any, key: Any, value: Any) -> None:  # noqa: N807 - as the library has it
        flags.storing += 1
        try:
            setitem(self, key, value)
        finally:
            flags.storing -= 1
        guard.call(_SITE, _stored, plain, book, self, key)

    def __delitem__(self: Any, key: Any) -> None:  # noqa: N807 - as above
        try:
            delitem(self, key)
        finally:
            if not flags.storing:
                book.removed(key)

    def popitem_counted(self: Any) -> Any:
        flags.own += 1
        try:
            item = popitem(self)
        finally:
            flags.own -= 1
        if flags.storing:
            book.evicted()
        return item

    def clear_noted(self: Any) -> None:
        clear(self)
        guard.call(_SITE, book.keys.cleared)

    return {"__setitem__": __setitem__, "__delitem__": __delitem__, "popitem": popitem_counted, "clear": clear_noted}


def _unseen(method: Any, flags: _Flags) -> Callable[..., Any]:
    """Runs a method that looks keys up without being a look-up: removing, and storing what is not there."""

    def unseen(self: Any, *args: Any, **more: Any) -> Any:
        flags.own += 1
        try:
            return method(self, *args, **more)
        finally:
            flags.own -= 1

    return unseen


def _expiry(genuine: Any, book: CacheBook) -> Callable[..., Any]:
    expire = genuine.expire

    def noted(self: Any, *args: Any, **more: Any) -> Any:
        expired = expire(self, *args, **more)
        guard.call(_SITE, _expired, book, expired)
        return expired

    return noted
