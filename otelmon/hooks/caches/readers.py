"""Makes a reader from whatever knows the figures of a cache."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, cast

from otelmon.records import CacheState

if TYPE_CHECKING:
    from collections.abc import Callable


def reader_of(cache: object) -> Callable[[], CacheState]:
    """Returns a reader of a cache.

    Args:
        cache: something with ``cache_info()``, as functions cached by functools or cachetools have, or a callable that
            returns a ``CacheState``.

    Raises:
        TypeError: it is neither.
    """
    if callable(getattr(cache, "cache_info", None)):
        return _info_reader(cache)
    if callable(cache):
        return cast("Callable[[], CacheState]", cache)
    raise TypeError(
        f"cannot read a cache from {type(cache).__name__}: give a cache of cachetools, Django, Flask-Caching, "
        "cachelib, requests-cache, redis or aiocache, an object with cache_info(), or a function that returns a "
        "CacheState"
    )


def weakly(cache: object) -> Callable[[], object | None]:
    """Returns what returns the object while it lives, then None; one without weak references is held."""
    try:
        return weakref.ref(cache)
    except TypeError:
        # Some classes with slots cannot be referred to weakly; the caller has asked for this one by hand.
        return lambda: cache


def _info_reader(cache: object) -> Callable[[], CacheState]:
    reference = weakly(cache)

    def read() -> CacheState:
        alive = reference()
        return CacheState() if alive is None else state_of(cast("Any", alive).cache_info())

    return read


def state_of(info: Any) -> CacheState:  # noqa: ANN401 - a named tuple by functools or cachetools
    """Returns what ``cache_info()`` tells; evictions it does not tell, and misses less entries are not the same."""
    return CacheState(hits=info.hits, misses=info.misses, evictions=None, size=info.currsize)
