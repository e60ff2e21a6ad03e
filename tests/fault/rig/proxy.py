"""A door on loopback before a server, which can be held shut in the ways a network fails."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

# An answer that is on its way when the door is held shut still passes: of one that is cut nobody could say whether the
# sender's spans count as delivered or as lost. A request of which only a part has passed never gets one.
SECONDS_TO_ANSWER = 2.0
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
LARGEST_PIECE = 65_536


@dataclass
class Proxy:
    """Hands bytes on between those who connect and one server, as it is told.

    Attributes:
        target: the server's port on loopback.
        port: where to connect.
        frozen: while true nothing passes and nobody is told, as in a network that drops packets: connections are
            accepted by the kernel, what is sent fills buffers, and no reset ever comes.
    """

    target: int
    frozen: bool = False
    port: int = 0
    _pairs: dict[socket.socket, socket.socket] = field(default_factory=dict)
    _asked: set[socket.socket] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self._refused = threading.Event()
        self._refusing = 0.0
        self._listener: socket.socket | None = None
        self.listen()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def listen(self) -> None:
        """Takes connections, after a refusal as well; the port stays."""
        listener = socket.create_server(("127.0.0.1", self.port), backlog=256)
        self.port, self._listener = listener.getsockname()[1], listener

    def refuse(self) -> None:
        """Closes the door: nobody listens, and whoever is connected is reset, once his last answer has passed."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()
        self._refused.clear()
        self._refusing = time.monotonic() + SECONDS_TO_ANSWER
        if self._thread.is_alive():
            self._refused.wait()

    def reset(self) -> None:
        """Resets every open connection on both sides, in the middle of whatever passes."""
        for each in tuple(self._pairs):
            self._drop(each)

    def thaw(self) -> None:
        """Lets everything pass again; what was sent meanwhile is gone, as are packets that were dropped."""
        listener = self._listener
        while listener is not None and select.select([listener], [], [], 0)[0]:
            waiting = listener.accept()[0]
            waiting.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            waiting.close()
        self.reset()
        self.frozen = False

    def close(self) -> None:
        """Ends."""
        self.refuse()
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(0.05 if self.frozen and not self._asked else 0):
            listener = self._listener
            shut = self.frozen or self._refusing
            looked_at = (*self._asked,) if shut else (listener, *self._pairs)
            watched = [each for each in looked_at if each is not None and each.fileno() >= 0]
            with contextlib.suppress(OSError, ValueError):
                for each in select.select(watched, [], [], 0.05)[0]:
                    self._take(each, listener)
            if self._refusing and (not self._asked or time.monotonic() > self._refusing):
                self.reset()
                self._refusing = 0.0
                self._refused.set()

    def _take(self, ready: socket.socket, listener: socket.socket | None) -> None:
        if ready is listener:
            self._open(ready.accept()[0])
            return
        other = self._pairs.get(ready)
        if other is None:
            return
        try:
            piece = ready.recv(LARGEST_PIECE)
            other.sendall(piece)
            self._note(ready, other)
        except OSError:
            piece = b""
        if not piece:
            self._drop(ready)

    def _note(self, ready: socket.socket, other: socket.socket) -> None:
        """Notes which servers have been asked something and have not answered yet."""
        if other.getpeername()[1] == self.target:
            self._asked.add(other)
        else:
            self._asked.discard(ready)

    def _open(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        self._pairs |= {client: server, server: client}

    def _drop(self, one: socket.socket) -> None:
        for each in (one, self._pairs.pop(one, None)):
            if each is not None:
                self._pairs.pop(each, None)
                self._asked.discard(each)
                with contextlib.suppress(OSError):
                    each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
                each.close()
