"""Chooses ports of the loopback interface."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from demo.parts.errors import PartError
from demo.server import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    """Returns a port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
