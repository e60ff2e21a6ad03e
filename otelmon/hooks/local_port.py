"""Finds the port of a connection's own socket, by which the server's process at the other end is recognized."""

from __future__ import annotations

import os
import socket
from contextlib import closing


def local_port(descriptor: int) -> int | None:
    """Returns the port of a socket, looked at through a descriptor of our own; None for a Unix socket."""
    with closing(socket.socket(fileno=os.dup(descriptor))) as own:
        return port_of(own.getsockname())


def port_of(name: object) -> int | None:
    """Returns the port of a socket's name, None for a Unix socket."""
    return name[1] if isinstance(name, tuple) and isinstance(name[1], int) else None
