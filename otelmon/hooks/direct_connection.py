"""Notes connections that an application opens without a pool, for drivers whose connections can be told apart."""

from __future__ import annotations

import inspect
import time
from typing import TYPE_CHECKING, Any

from opentelemetry import trace

from otelmon import guard
from otelmon.hooks.acquiring_stack import acquiring_stack
from otelmon.records import Checkout

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.calls.connection_facts import ConnectionFacts
    from otelmon.registry.direct_connections import DirectConnection, DirectConnections

_LOST = guard.site("hooks.direct_connection.lost")


class DirectConnectionWatch:
    """Notes openings and ends of the connections of one driver.

    Args:
        book: where they are noted.
        watched: makes what stands for a connection, from the connection and what to call when it has been collected.
    """

    def __init__(self, book: DirectConnections, watched: Callable[..., DirectConnection]) -> None:
        self._book = book
        self._watched = watched

    def opened(self, connection: Any, facts: ConnectionFacts) -> None:  # noqa: ANN401 - any connection class
        """Notes a connection and the line that opened it; a pool that it belongs to takes it out again."""
        key, book = id(connection), self._book
        span = trace.get_current_span().get_span_context()
        stack = acquiring_stack(inspect.currentframe())
        watched = self._watched(connection, lambda: guard.call(_LOST, book.lost, key, time.monotonic_ns()))
        address = facts.server_address, facts.server_port, facts.namespace
        book.opened(key, watched, address, Checkout("", time.monotonic_ns(), span, stack))

    def closed(self, connection: object) -> None:
        """Notes that a connection was closed, or is found broken."""
        self._book.closed(id(connection), time.monotonic_ns())
