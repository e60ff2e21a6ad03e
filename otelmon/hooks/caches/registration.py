"""Recognises a cache by its type and has it observed: what ``otelmon.register_cache`` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.hooks.caches import (
    aiocache_cache,
    cachelib_cache,
    cachetools_cache,
    django_cache,
    redis_client,
    redis_server,
    requests_cache_session,
)
from otelmon.hooks.caches.readers import reader_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry

# Each has ``subject(cache)``, which returns the object that is observed or None where it does not know the type, and
# ``observe(registry, name, subject)``, which returns the name used and what undoes it. None imports its library.
_ADAPTERS = (
    cachetools_cache,
    django_cache,
    cachelib_cache,
    requests_cache_session,
    redis_server,
    redis_client,
    aiocache_cache,
)


def register(registry: HookRegistry, name: str, cache: object) -> str:
    """Has a cache reported; the same object under the same name is reported once.

    Args:
        registry: where it is reported.
        name: becomes ``cache.name``.
        cache: of a type that an adapter knows, or anything that ``reader_of`` takes.

    Returns:
        The name under which it is reported.
    """
    subject, observe = _adapter(cache)
    known = registry.observed_caches.name_of(name, subject)
    if known is not None:
        return known
    registry.observed_caches.release(subject)
    used, undo = observe(registry, name, subject)
    registry.observed_caches.keep(name, subject, used, undo)
    return used


def _adapter(cache: object) -> tuple[object, Callable[[HookRegistry, str, object], tuple[str, Callable[[], None]]]]:
    for adapter in _ADAPTERS:
        subject = adapter.subject(cache)
        if subject is not None:
            return subject, adapter.observe
    return cache, _observe_by_reader


def _observe_by_reader(registry: HookRegistry, name: str, cache: object) -> tuple[str, Callable[[], None]]:
    return registry.add_cache(name, reader_of(cache)), lambda: None
