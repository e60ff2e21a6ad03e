"""Watches the pools of asyncpg: their state, who holds a connection since when, who waits and who waits in vain.

Both public ways to take a connection, ``await pool.acquire()`` and ``async with``, end in one private method, which is
named here only; tests/contract holds it against the release.
"""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.hooks.asyncpg_pool_watch import PoolWatch, asking
from otelmon.hooks.late_hook import LateHook
from otelmon.hooks.patching import patch, undo_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry

_POOL = guard.site("hooks.asyncpg_pool.pool")
_REQUEST = guard.site("hooks.asyncpg_pool.request")
_RETURN = guard.site("hooks.asyncpg_pool.return")


class AsyncpgPoolHook(LateHook):
    """Watches ``asyncpg.Pool`` and what applications derive from it, those made before it included."""

    name = "asyncpg_pool"
    requires = "asyncpg>=0.30,<1"
    library = "asyncpg"

    def wire(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches the pool and returns what undoes it."""
        from asyncpg import pool  # type: ignore[import-untyped]  # noqa: PLC0415 - it is imported only where it is watched

        watch, owner = PoolWatch(registry), pool.Pool
        return undo_all(
            [
                patch(owner, "_acquire", _acquire(watch, owner._acquire)),  # noqa: SLF001 - see the module's docstring
                patch(owner, "_get_new_connection", _opened(watch, owner._get_new_connection)),  # noqa: SLF001 - as above
                patch(owner, "release", _release(watch, owner.release)),
                patch(owner, "close", _close(watch, owner.close)),
                patch(owner, "terminate", _terminate(watch, owner.terminate)),
            ]
        )


def _acquire(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def _acquire(self: Any, timeout: Any) -> Any:  # noqa: ANN401 - the pool's own signature
        request = guard.call(_REQUEST, watch.asks, self)
        if request is None:
            return await original(self, timeout)
        with request:
            request.proxy = proxy = await original(self, timeout)
        return proxy

    return _acquire


def _opened(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def _get_new_connection(self: Any) -> Any:  # noqa: ANN401 - any pool class
        request = asking.get()
        if request is None or request.is_over:
            # One that a pool opens in advance; nobody waits for it.
            return await original(self)
        began_ns = time.monotonic_ns()
        request.pool.creating.add(id(request))
        try:
            connection = await original(self)
        finally:
            request.pool.creating.discard(id(request))
        guard.call(_REQUEST, watch.book.created, request.pool.name, time.monotonic_ns() - began_ns)
        return connection

    return _get_new_connection


def _release(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def release(self: Any, connection: Any, **options: Any) -> Any:  # noqa: ANN401 - the pool's own signature
        # Before, not after: once it is back another task may take the same connection at once.
        given = guard.call(_RETURN, watch.given_back, self, connection)
        try:
            return await original(self, connection, **options)
        finally:
            if given is not None:
                guard.call(_RETURN, watch.book.returned, *given, time.monotonic_ns())

    return release


def _close(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def close(self: Any) -> Any:  # noqa: ANN401 - any pool class
        result = await original(self)
        guard.call(_POOL, watch.ended, self)
        return result

    return close


def _terminate(watch: PoolWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def terminate(self: Any) -> Any:  # noqa: ANN401 - any pool class
        result = original(self)
        guard.call(_POOL, watch.ended, self)
        return result

    return terminate


hook = AsyncpgPoolHook()
