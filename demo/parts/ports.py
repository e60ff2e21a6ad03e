"""Chooses ports of the loopback interface."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from demo.parts.errors import PartError
from demo.server import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Mapping


# Above the ports that people choose for their own services.
FIRST, TRIES = 15_000, 1_000
DEALT_OUT = Path("/proc/sys/net/ipv4/ip_local_port_range")
# Where the system does not say; Linux begins here, and others higher.
USUALLY_DEALT_OUT = 32_768
_given: set[int] = set()
NAMES = (
    "service", "postgres", "github", "sentry", "jaeger", "victoriametrics", "collector", "observer",
    "vmalert", "alertmanager", "notifications",
)  # fmt: skip


class Ports:
    """Gives each listener a port: the one that was asked for by name, else a free one that it never gave before."""

    def __init__(self, wanted: Mapping[str, int] | None = None) -> None:
        """Checks what was asked for before anything is started.

        Raises:
            PartError: when a name is not known or a port is taken.
        """
        self._wanted = dict(wanted or {})
        for name, port in self._wanted.items():
            check(name, port)
        self._given: set[int] = set(self._wanted.values())

    def take(self, name: str) -> int:
        """Returns the port of a listener."""
        if name in self._wanted:
            return self._wanted[name]
        port = free_port()
        while port in self._given:
            port = free_port()
        self._given.add(port)
        return port


def check(name: str, port: int) -> None:
    """Binds and releases a port that was asked for."""
    if name not in NAMES:
        raise PartError(f"no part is named {name}", f"names with ports are {', '.join(NAMES)}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise PartError(
                f"port {port} for {name} cannot be had ({error.strerror})",
                f"end what uses it, or leave --port {name}={port} out to get a free one",
            ) from error


def free_port() -> int:
    """Returns a port that nothing listened on a moment ago, and that this process was not given before.

    Between now and the start of whoever is to listen there nobody takes it by chance: it lies below the ports that the
    system deals out to connections, and to listeners that do not care which one they get.
    Source: https://docs.kernel.org/networking/ip-sysctl.html, ip_local_port_range
    """
    first, end = FIRST, first_dealt_out()
    for _ in range(TRIES if end > first else 0):
        port = first + secrets.randbelow(end - first)
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def first_dealt_out() -> int:
    """Returns the lowest port that the system deals out by itself."""
    try:
        return int(DEALT_OUT.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return USUALLY_DEALT_OUT


def is_free(port: int) -> bool:
    """Tells whether a port can be bound now."""
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
