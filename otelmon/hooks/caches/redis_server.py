"""Reads the counts that a Redis or Valkey server keeps itself, through the ``info`` of a client that is registered.

They are of the whole server, whoever asks it, since its start. The client's own connection is used, on the thread of
readers, at most once every few seconds and without spans.
"""

from __future__ import annotations

import inspect
import sys
import time
from typing import TYPE_CHECKING, Any

from opentelemetry.instrumentation.utils import suppress_instrumentation

from otelmon.hooks.caches.readers import weakly
from otelmon.records import CacheState

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry

SECONDS_BETWEEN_READS = 5.0


def subject(cache: object) -> object | None:
    """Returns the client of a bound ``info``; None for anything else.

    Raises:
        TypeError: the client is asynchronous, which a reader cannot wait for.
    """
    client = getattr(cache, "__self__", None)
    if not inspect.ismethod(cache) or cache.__name__ != "info":
        return None
    asynchronous = sys.modules.get("redis.asyncio.client")
    if asynchronous is not None and isinstance(client, asynchronous.Redis):
        raise TypeError("cannot read a server through an asynchronous client: give the info of a redis.Redis")
    library = sys.modules.get("redis.client")
    return client if library is not None and isinstance(client, library.Redis) else None


def observe(registry: HookRegistry, name: str, cache: object) -> tuple[str, Callable[[], None]]:
    """Reads a server from now on; returns the name under which it is reported, and what undoes it."""
    used = registry.add_cache(name, _Server(cache).state)
    return used, lambda: registry.remove_cache(used)


class _Server:
    """Keeps what the server said last."""

    def __init__(self, client: object) -> None:
        self._client: Callable[[], Any] = weakly(client)
        self._read_at = float("-inf")
        self._state = CacheState()

    def state(self) -> CacheState:
        """Returns the server's counts, a few seconds old at most."""
        if time.monotonic() - self._read_at >= SECONDS_BETWEEN_READS and (client := self._client()) is not None:
            with suppress_instrumentation():
                stats, keyspace = client.info("stats"), client.info("keyspace")
            self._state = server_state(stats, keyspace)
            self._read_at = time.monotonic()
        return self._state


def server_state(stats: Any, keyspace: Any) -> CacheState:  # noqa: ANN401 - as redis-py parses INFO
    """Returns the counts of a server.

    Args:
        stats: the section of that name.
        keyspace: for each database its number of keys.

    Source: https://redis.io/docs/latest/commands/info/
    """
    return CacheState(
        hits=stats.get("keyspace_hits"),
        misses=stats.get("keyspace_misses"),
        evictions=stats.get("evicted_keys"),
        size=sum(each["keys"] for each in keyspace.values()),
    )
