"""Notes where connections of psycopg begin and end, for those that no pool has.

Every road to a connection ends at the class's ``__init__``, that of a ``connect`` imported early too.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import psycopg

from otelmon import guard
from otelmon.hooks.direct_connection import DirectConnectionWatch
from otelmon.hooks.patching import patch
from otelmon.hooks.psycopg.calls import DIRECT, facts_of
from otelmon.hooks.watched_psycopg import WatchedPsycopg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from otelmon.hooks.psycopg.watch import PsycopgWatch
    from otelmon.registry import HookRegistry

_OPENED = guard.site("hooks.psycopg.opened")
_CLOSED = guard.site("hooks.psycopg.closed")


def patches(watch: PsycopgWatch, registry: HookRegistry) -> Iterator[Callable[[], None]]:
    """Stands in front of the beginnings and ends of connections, and yields what undoes it."""
    direct = DirectConnectionWatch(
        registry.connections.direct, lambda connection, gone: WatchedPsycopg(connection, "", gone)
    )

    def opened(connection: Any) -> None:  # noqa: ANN401 - any connection class
        if watch.is_wanted():
            connection.__dict__[DIRECT] = direct
            direct.opened(connection, facts_of(connection, registry.sessions))

    for kind, closing in ((psycopg.Connection, _closing), (psycopg.AsyncConnection, _closing_async)):
        owner: Any = kind
        yield patch(owner, "__init__", _opening(opened, owner.__init__))
        yield patch(owner, "close", closing(direct, owner.close))


def _opening(opened: Callable[[object], None], original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **options: Any) -> None:  # noqa: ANN401, N807 - psycopg's own signature
        original(self, *args, **options)
        guard.call(_OPENED, opened, self)

    return __init__


def _closing(direct: DirectConnectionWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def close(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg's own signature
        guard.call(_CLOSED, direct.closed, self)
        return original(self, *args, **options)

    return close


def _closing_async(direct: DirectConnectionWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def close(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg's own signature
        guard.call(_CLOSED, direct.closed, self)
        return await original(self, *args, **options)

    return close
