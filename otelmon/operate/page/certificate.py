"""Keeps the page's certificate as new as its files, so that a change needs no restart."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

LOG = logging.getLogger("otelmon.page")


class Certificate:
    """Looks at both files when a browser says hello, and loads them where they have changed.

    A pair that cannot be loaded, one half-written or of two different keys, is logged once; the old one goes on.
    """

    def __init__(self, certificate: str, key: str) -> None:
        self._certificate, self._key = Path(certificate), Path(key)
        self._seen = self._stamps()

    def follow(self, context: ssl.SSLContext) -> None:
        """Lets a server's context ask here at every handshake."""
        context.sni_callback = self._hello

    def _hello(self, connection: ssl.SSLSocket | ssl.SSLObject, _name: str | None, context: ssl.SSLContext) -> None:
        """Gives this connection the new certificate, and all that follow."""
        stamps = self._stamps()
        if stamps == self._seen:
            return
        self._seen = stamps
        fresh = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            fresh.load_cert_chain(self._certificate, self._key)
        except OSError as error:
            LOG.warning("page certificate not renewed error=%s", type(error).__name__)
            return
        context.load_cert_chain(self._certificate, self._key)
        # OpenSSL has copied the old one for this connection already; another context replaces it.
        connection.context = fresh
        LOG.info("page certificate renewed")

    def _stamps(self) -> tuple[tuple[int, int, int], ...]:
        """Returns what changes with a file: its time, size and place; nothing of one that is not there."""
        found = [path.stat() for path in (self._certificate, self._key) if path.exists()]
        return tuple((each.st_mtime_ns, each.st_size, each.st_ino) for each in found)
