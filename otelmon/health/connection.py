"""One caller of the health service: his request as far as it has come, and what he has not got yet."""

from __future__ import annotations

import selectors
from socket import MSG_DONTWAIT
from typing import TYPE_CHECKING

from otelmon.health import request

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from otelmon.health.request import Request

PART = 4096
# Where other threads compute, each call of the kernel may cost its turn; one that makes a socket non-blocking is saved
# by asking so with each read and write.


class Connection:
    """Goes on whenever its socket is ready; nothing here waits.

    Args:
        accepted: the socket.
        began: monotonic seconds at which it was accepted.
    """

    __slots__ = ("_answer", "_head", "began", "socket")

    def __init__(self, accepted: socket.socket, began: float) -> None:
        self.socket = accepted
        self.began = began
        self._head = b""
        self._answer: memoryview | None = None

    def go_on(self, answer: Callable[[Request | None], bytes]) -> int | None:
        """Reads or writes what can be, and returns what to wait for, or None where the connection is over."""
        try:
            if self._answer is None and not self._read(answer):
                return selectors.EVENT_READ
            return self._write()
        except BlockingIOError:
            return selectors.EVENT_READ if self._answer is None else selectors.EVENT_WRITE
        except OSError:
            return None

    def _read(self, answer: Callable[[Request | None], bytes]) -> bool:
        """Returns whether there is an answer to write."""
        part = self._receive()
        self._head += part
        if request.END in self._head:
            self._answer = memoryview(answer(request.read(self._head)))
        elif not part or len(self._head) > request.LARGEST_HEAD:
            self._answer = memoryview(answer(None) if part else b"")
        return self._answer is not None

    def _write(self) -> int | None:
        left = self._answer or memoryview(b"")
        if left:
            left = self._answer = left[self._send(left) :]
        return selectors.EVENT_WRITE if left else None

    def _receive(self) -> bytes:
        return self.socket.recv(PART, MSG_DONTWAIT)

    def _send(self, part: memoryview) -> int:
        return self.socket.send(part, MSG_DONTWAIT)

    def end(self) -> None:
        """Closes the socket."""
        self.socket.close()
