"""A road of TCP between the Collector and a back end that can be shut without a word, as a dead router does it."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from types import TracebackType

CHUNK = 65536


class Road:
    """Carries bytes to one address; while ``silent`` it takes connections and bytes, and hands nothing on.

    Args:
        to: base address of the back end, such as ``http://127.0.0.1:4318``.
    """

    def __init__(self, to: str) -> None:
        parts = urlsplit(to)
        self._to = (str(parts.hostname), int(parts.port or 0))
        self.silent = False
        self.swallowed = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def endpoint(self) -> str:
        """Returns its base address."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Road:  # noqa: PYI034 - nobody derives from it
        """Is open from the start."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Cuts every connection."""
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._to)
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(CHUNK):
                if self.silent:
                    self.swallowed += len(data)
                else:
                    other.sendall(data)
            other.shutdown(socket.SHUT_WR)
