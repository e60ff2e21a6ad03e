"""Keeps the certificate of health as new as its files, so that a change needs no restart."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from otelmon.health.tls_connection import TlsConnection

if TYPE_CHECKING:
    import socket

_logger = logging.getLogger("otelmon")


class Certificate:
    """Loads both files where they have changed; a pair that cannot be loaded is told once, and the old one goes on.

    Args:
        certificate: PEM, with its chain.
        key: PEM, empty where it stands in the same file.
    """

    def __init__(self, certificate: str, key: str) -> None:
        self._certificate, self._key = certificate, key
        self._seen: tuple[tuple[int, int, int], ...] | None = None
        # None until there is a pair that can be used: till then nobody is answered.
        self.context: ssl.SSLContext | None = None
        self.look()

    def look(self) -> None:
        """Takes the files as they are now; reads them only where they have changed."""
        stamps = self._stamps()
        if stamps == self._seen:
            return
        self._seen = stamps
        fresh = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        fresh.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            # With a passphrase given OpenSSL never asks for one at the terminal; a key without one ignores it.
            fresh.load_cert_chain(self._certificate, self._key or None, password="")
        except (OSError, ValueError) as error:
            kept = "no" if self.context is None else "the_old_one"
            _logger.warning("health_certificate_not_usable error=%s kept=%s", type(error).__name__, kept)
            return
        self.context = fresh

    def connection(self, accepted: socket.socket, began: float) -> TlsConnection:
        """Returns a connection with the certificate of this moment.

        Raises:
            OSError: the caller has gone, or there has never been a certificate.
        """
        if self.context is None:
            raise OSError
        return TlsConnection(accepted, began, self.context)

    def _stamps(self) -> tuple[tuple[int, int, int], ...]:
        """Returns what changes with a file: its time, size and place; nothing of one that cannot be seen."""
        found = []
        for path in filter(None, (self._certificate, self._key)):
            try:
                each = Path(path).stat()
            except OSError:
                continue
            found.append((each.st_mtime_ns, each.st_size, each.st_ino))
        return tuple(found)
