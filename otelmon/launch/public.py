"""The functions that an application may call; none of them raises, and all are silent while otelmon is off."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from otelmon import guard
from otelmon.launch.entry import start

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.records import Budget, PoolState
    from otelmon.registry import HookRegistry


def instrument(**options: object) -> None:
    """Activates otelmon from code, for services that are not started with ``opentelemetry-instrument``.

    Args:
        options: settings by name, such as ``slow_query_threshold_ms=250``; they win over the environment.
    """
    start(options)


@guard.guarded("launch.uninstrument")
def uninstrument() -> None:
    """Undoes the activation: patched libraries get their own functions back."""
    from otelmon.launch.activate import deactivate  # noqa: PLC0415 - behind the guard on purpose

    deactivate()


def _registry() -> HookRegistry | None:
    """Returns the registry of the activation; a process in which otelmon is off has not imported it."""
    module = sys.modules.get("otelmon.launch.activate")
    activation = None if module is None else module.active()
    return None if activation is None else activation.registry


@guard.guarded("launch.register_pool")
def register_pool(name: str, reader: Callable[[], PoolState]) -> None:
    """Reports a connection pool that no hook knows.

    Args:
        name: the pool's name, as it shall stand in ``db.client.connection.pool.name``.
        reader: takes nothing and returns its state at once, without waiting.
    """
    registry = _registry()
    if registry is not None:
        registry.add_pool(name, reader)


@guard.guarded("launch.register_cache")
def register_cache(name: str, cache: object) -> None:
    """Reports a cache.

    Args:
        name: the cache's name, as it shall stand in ``cache.name``.
        cache: a cache of cachetools, Django, Flask-Caching, cachelib, requests-cache, redis or aiocache, which is
            recognised by its type; the ``info`` of a redis client, for the server's own counts; an object with
            ``cache_info()``; or a reader that returns a ``CacheState``.
    """
    registry = _registry()
    if registry is not None:
        from otelmon.hooks.caches.registration import register  # noqa: PLC0415 - where otelmon is off it costs nothing

        register(registry, name, cache)


@guard.guarded("launch.github_budget")
def github_budget(resource: str = "core", reserve: float = 0.1) -> Budget | None:
    """Returns the tightest known budget of a GitHub resource, or None while nothing is known; nothing is enforced.

    Args:
        resource: as GitHub names it in ``x-ratelimit-resource``, such as ``core``, ``search`` or ``graphql``.
        reserve: the share of the limit that the application wants to keep, 0 to 1; ``below_reserve`` tells.
    """
    registry = _registry()
    return None if registry is None else registry.github.tightest(resource, reserve)


@guard.guarded("launch.register_github_session")
def register_github_session(session: object, every_s: float = 300.0, url: str = "https://api.github.com") -> None:
    """Lets otelmon ask ``GET /rate_limit`` now and then, to correct what it knows and to measure how far off it was.

    Args:
        session: a ``requests.Session`` or ``httpx.Client`` that sends the application's credential; only otelmon may
            use it from then on, on a thread of its own.
        every_s: seconds between two questions, 30 to 3600.
        url: of the API; its host must be among ``OTELMON_GITHUB_HOSTS``.
    """
    module = sys.modules.get("otelmon.launch.activate")
    activation = None if module is None else module.active()
    if activation is not None:
        from otelmon.launch.github_session import GitHubSession  # noqa: PLC0415 - where it is not used it costs nothing

        activation.undo.append(GitHubSession(activation.registry, session, url, every_s).start())
