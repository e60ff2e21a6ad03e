"""Holds a receiver's answer to the deadline and to a size, however slowly or largely it comes.

A timeout of requests is one of each read, so an answer of one byte a second would hold an exporter for hours, and
requests keeps a body of any size (tests/fault/test_collector.py, case 8).
"""

from __future__ import annotations

import http.client
import io
import time
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    import socket

    import requests


class _ReadsUntil(io.RawIOBase):
    """Reads from a socket until a moment; what its timeout allows each read, it allows all of them together."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._raw = sock.makefile("rb", buffering=0)
        allowed = sock.gettimeout()
        self._end = None if allowed is None else time.monotonic() + allowed

    def readable(self) -> bool:
        """Returns True."""
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - no type of buffers before Python 3.12
        """Reads what has come; raises TimeoutError once the time is over."""
        if self._end is not None:
            left = self._end - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            self._socket.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Lets go of the socket."""
        if not self.closed:
            self._raw.close()
        super().close()


class _Reading:
    """Stands for a socket where an answer asks it for a file."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Returns the file that the answer is read from."""
        return io.BufferedReader(_ReadsUntil(self._socket))


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - http.client's own, passed through
        super().__init__(_Reading(sock), *args, **kwargs)  # type: ignore[arg-type]  # asks it for a file only


class _Connection(HTTPConnection):
    response_class = _Answer


class _SecureConnection(HTTPSConnection):
    response_class = _Answer


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class BoundedAdapter(HTTPAdapter):
    """Opens connections whose answers end, read or not, with the timeout of their request."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - requests' own arguments
        """Makes the manager of connections, with classes of ours."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - requests' own arguments
        """Returns the manager of a proxy's connections, with classes of ours."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        return manager


def keep_beginning(response: requests.Response, most: int) -> None:
    """Reads the beginning of a body that has not been read yet, and lets go of the rest.

    A body that breaks off is empty: the status is what the receiver has said.

    Args:
        response: whose ``content`` is the beginning from now on.
        most: bytes.
    """
    try:
        body = response.raw.read(most + 1, decode_content=True)
    except (HTTPError, OSError):
        body = None
    if body is None or len(body) > most:
        response.close()
    response.raw = io.BytesIO((body or b"")[:most])
