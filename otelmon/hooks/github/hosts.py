"""Knows which connections lead to the GitHub API."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class GitHubHosts:
    """Compares hosts exactly, without regard to case; an entry without a port means every port of that host."""

    __slots__ = ("_hosts", "_with_port")

    def __init__(self, entries: Iterable[str]) -> None:
        parsed = [_host_and_port(entry.strip().lower()) for entry in entries]
        self._hosts = frozenset(host for host, port in parsed if port is None)
        self._with_port = frozenset((host, port) for host, port in parsed if port is not None)

    def __contains__(self, address: tuple[str, int | None]) -> bool:
        """Tells whether a host, given without brackets, and its port belong to GitHub."""
        host, port = address[0].lower(), address[1]
        return host in self._hosts or (bool(self._with_port) and (host, port) in self._with_port)


def _host_and_port(entry: str) -> tuple[str, int | None]:
    """Splits ``host``, ``host:port``, ``[v6]``, ``[v6]:port`` and a bare IPv6 address."""
    host, colon, port = entry.rpartition(":")
    if colon and port.isascii() and port.isdigit() and (host.endswith("]") or ":" not in host):
        return host.strip("[]"), int(port)
    return entry.strip("[]"), None
