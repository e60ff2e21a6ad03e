"""A tiny HTTP service on one thread: at most 4 connections and 50 answers a second, a deadline for each.

Whoever comes on top waits in the kernel's queue, where he costs nothing.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from typing import TYPE_CHECKING

from otelmon import guard
from otelmon.health.connection import Connection
from otelmon.health.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.health.request import Request

MOST_CONNECTIONS = 4
ANSWERS_A_SECOND = 50
BURST = 5
WAITING_IN_THE_KERNEL = 8
SECONDS_A_CONNECTION = 2.0
# When all places are taken, who has not asked by then makes room.
SECONDS_OF_PATIENCE = 0.1
_SERVE = guard.site("health.serve")


class HttpService:
    """Answers on a listening socket until it is closed.

    Args:
        listener: bound and listening.
        answer: returns the whole answer to a request at once, None being one that could not be read.
        connect: makes a connection of an accepted socket and the moment; raises OSError where the caller has gone.
    """

    def __init__(
        self,
        listener: socket.socket,
        answer: Callable[[Request | None], bytes],
        connect: Callable[[socket.socket, float], Connection] = Connection,
    ) -> None:
        self._listener = listener
        self._answer, self._connect = answer, connect
        self._asleep, self._waker = socket.socketpair()
        self._connections: set[Connection] = set()
        self._closing = False
        listener.setblocking(False)
        self._thread = threading.Thread(name="otelmon-health", target=self._run, daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Tells whether somebody answers."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Stops listening; who is being answered is cut off."""
        self._closing = True
        with contextlib.suppress(OSError):
            self._waker.send(b".")

    def abandon(self) -> None:
        """Closes what a forked child has inherited: the parent goes on, and its connections stay open."""
        for each in (self._listener, self._asleep, self._waker, *(each.socket for each in tuple(self._connections))):
            each.close()

    def _run(self) -> None:
        guard.call(_SERVE, self._serve)
        for each in (self._listener, self._asleep, self._waker, *(each.socket for each in self._connections)):
            with contextlib.suppress(OSError):
                each.close()

    def _serve(self) -> None:
        pace = Pace(ANSWERS_A_SECOND, BURST, time.monotonic())
        with _selector() as selector:
            selector.register(self._asleep, selectors.EVENT_READ)
            while not self._closing:
                self._round(selector, pace, time.monotonic())

    def _round(self, selector: selectors.BaseSelector, pace: Pace, now: float) -> None:
        self._end_late_ones(selector, now)
        pause = pace.pause(now)
        self._listen(selector, wanted=not pause and len(self._connections) < MOST_CONNECTIONS)
        for key, _ in selector.select(self._timeout(now, pause)):
            if key.fileobj is self._listener:
                self._accept(selector, pace)
            elif isinstance(key.data, Connection):
                self._go_on(selector, key.data)

    def _listen(self, selector: selectors.BaseSelector, *, wanted: bool) -> None:
        registered = self._listener in selector.get_map()
        if wanted and not registered:
            selector.register(self._listener, selectors.EVENT_READ)
        elif registered and not wanted:
            selector.unregister(self._listener)

    def _timeout(self, now: float, pause: float) -> float | None:
        """Returns how long nothing can be due; None where only a caller can change that."""
        ends = [each.began + SECONDS_A_CONNECTION - now for each in self._connections]
        if len(self._connections) >= MOST_CONNECTIONS:
            ends += [each.began + SECONDS_OF_PATIENCE - now for each in self._connections]
        if pause:
            ends.append(pause)
        return max(0.0, min(ends)) if ends else None

    def _end_late_ones(self, selector: selectors.BaseSelector, now: float) -> None:
        full = len(self._connections) >= MOST_CONNECTIONS
        allowed = SECONDS_OF_PATIENCE if full else SECONDS_A_CONNECTION
        for each in [each for each in self._connections if now - each.began >= allowed]:
            self._end(selector, each)

    def _accept(self, selector: selectors.BaseSelector, pace: Pace) -> None:
        with contextlib.suppress(OSError):
            accepted, _ = self._listener.accept()
            now = time.monotonic()
            pace.take(now)
            connection = self._connect(accepted, now)
            self._connections.add(connection)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            # Who asks at once is answered at once.
            self._go_on(selector, connection)

    def _go_on(self, selector: selectors.BaseSelector, connection: Connection) -> None:
        wanted = connection.go_on(self._answer)
        if wanted is None:
            self._end(selector, connection)
        else:
            selector.modify(connection.socket, wanted, connection)

    def _end(self, selector: selectors.BaseSelector, connection: Connection) -> None:
        self._connections.discard(connection)
        selector.unregister(connection.socket)
        connection.end()


def _selector() -> selectors.BaseSelector:
    """Returns a selector that holds nothing of the kernel's, which a forked child would share."""
    return getattr(selectors, "PollSelector", selectors.SelectSelector)()
