"""One caller of the health service over TLS: the handshake is a part of reading, under the same deadline."""

from __future__ import annotations

import contextlib
import selectors
import ssl
from typing import TYPE_CHECKING

from otelmon.health.connection import PART, Connection

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from otelmon.health.request import Request


class TlsConnection(Connection):
    """Goes on whenever its socket is ready; neither the handshake nor anything after it waits.

    Args:
        accepted: the socket, which belongs to the connection from now on.
        began: monotonic seconds at which it was accepted.
        context: with the certificate.

    Raises:
        OSError: the caller has gone already.
    """

    __slots__ = ("_tls",)

    def __init__(self, accepted: socket.socket, began: float, context: ssl.SSLContext) -> None:
        accepted.setblocking(False)
        self._tls = context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
        super().__init__(self._tls, began)

    def go_on(self, answer: Callable[[Request | None], bytes]) -> int | None:
        """Shakes hands, reads or writes as far as can be; returns what to wait for, None where it is over."""
        try:
            # Until TLS wants more: of what it has unpacked already no selector tells.
            while self._answer is None:
                self._read(answer)
            return self._write()
        except ssl.SSLWantReadError:
            return selectors.EVENT_READ
        except ssl.SSLWantWriteError:
            return selectors.EVENT_WRITE
        except OSError:
            return None

    def _receive(self) -> bytes:
        # OpenSSL shakes hands with the first read.
        return self._tls.recv(PART)

    def _send(self, part: memoryview) -> int:
        return self._tls.send(part)

    def end(self) -> None:
        """Says goodbye, so that the caller can tell a whole answer from a cut one, and waits for none."""
        if self._answer is not None:
            with contextlib.suppress(OSError, ValueError):
                self._tls.unwrap()
        self._tls.close()
