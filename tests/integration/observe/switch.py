"""An address that stays while the server behind it changes."""

from __future__ import annotations

import contextlib
import socket
import threading


class Switch:
    """Hands connections on to one server at a time; turning it to another cuts those that are open."""

    def __init__(self, port: int) -> None:
        # None once it is closed.
        self._target: int | None = port
        self._open: list[socket.socket] = []
        self._changing = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def turn_to(self, port: int | None) -> None:
        """Leads to another server from now on."""
        with self._changing:
            self._target = port
            while self._open:
                each = self._open.pop()
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()

    def close(self) -> None:
        """Ends everything."""
        self._listener.close()
        self.turn_to(None)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._lead(client, self._target)

    def _lead(self, client: socket.socket, port: int | None) -> None:
        """Joins a connection to the server, or closes it where that is away or another one by now."""
        try:
            server = socket.create_connection(("127.0.0.1", port or 0))
        except OSError:
            client.close()
            return
        with self._changing:
            if port != self._target:
                client.close()
                server.close()
                return
            self._open += [client, server]
        for source, target in ((client, server), (server, client)):
            threading.Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
