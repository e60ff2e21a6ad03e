"""Listens to the events of SQLAlchemy's pools, and stands in front of the method that asks them for a connection."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool, SingletonThreadPool

from otelmon import guard
from otelmon.hooks.patching import patch, undo_all
from otelmon.hooks.sqlalchemy_events import listen
from otelmon.hooks.sqlalchemy_pool.watch import PoolWatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry

_ASK = guard.site("hooks.sqlalchemy_pool.ask")


def install(registry: HookRegistry) -> Callable[[], None]:
    """Watches all pools from now on, and returns the undoing."""
    watch = PoolWatch(registry)
    steps = [patch(kind, "connect", _connect(watch, kind.connect)) for kind in (Pool, SingletonThreadPool)]
    for target, name, listener in (
        (Engine, "do_connect", watch.connecting),
        (Pool, "connect", watch.connected),
        (Pool, "checkout", watch.taken),
        (Pool, "checkin", watch.returned),
        (Pool, "detach", watch.detached),
    ):
        steps.append(listen(target, name, listener))
    return undo_all(steps)


def _connect(watch: PoolWatch, original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(original)
    def connect(self: Any) -> Any:  # noqa: ANN401 - any pool class and its proxy
        request = guard.call(_ASK, watch.asks, self)
        if request is None:
            return original(self)
        with request:
            return original(self)

    return connect
