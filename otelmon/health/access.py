"""What callers of health must bring, and what an address beyond loopback may not do without."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from otelmon.health.binding import is_loopback, parts

if TYPE_CHECKING:
    from otelmon.health.certificate import Certificate


class Access(NamedTuple):
    """Holds the token, empty for none, the certificate, and whether plain HTTP is meant beyond loopback."""

    token: str = ""
    certificate: Certificate | None = None
    plain_http: bool = False

    def missing(self, address: str) -> str:
        """Returns the settings without which an address is not answered, joined by _and_; empty where none is missing.

        Args:
            address: host and port.
        """
        if is_loopback(parts(address)[0]):
            return ""
        safe = self.plain_http or self.certificate is not None
        wanted = ("" if self.token else "OTELMON_HEALTH_TOKEN_FILE", "" if safe else "OTELMON_HEALTH_CERTIFICATE_FILE")
        return "_and_".join(filter(None, wanted))
