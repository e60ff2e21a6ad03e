"""Whether an address may be listened on, and listening on it."""

from __future__ import annotations

import ipaddress
import socket


def parts(address: str) -> tuple[str, int]:
    """Returns host and port of ``host:port``; an IPv6 host stands in brackets."""
    host, _, port = address.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port)


def is_loopback(host: str) -> bool:
    """Tells whether only this machine can reach a host; a name other than localhost may be anywhere."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def listen(address: str, waiting: int) -> socket.socket:
    """Returns a listening socket.

    Raises:
        OSError: somebody else listens there, or there is no such address.
    """
    host, port = parts(address)
    family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[
        0
    ]
    listener = socket.socket(family, kind, protocol)
    try:
        # Connections that have just ended do not keep the address from the next worker.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(waiting)
    except OSError:
        listener.close()
        raise
    return listener
