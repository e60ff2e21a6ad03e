"""Which receivers can be reached from other machines without proving who sends."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from otelmon.operate.collector.merged import Tree

MEND = "listen on 127.0.0.1, or add --config=collector/conf.d/05-tls-and-token.yaml (or 05-mutual-tls.yaml)"


def open_doors(configuration: Tree) -> tuple[str, ...]:
    """Returns one line for each address off loopback that lacks TLS, or lacks both token and client certificate.

    Args:
        configuration: as ``merged`` returns it.
    """
    found = []
    for where, settings in _listeners(configuration.get("receivers") or {}, "receivers"):
        missing = _missing(settings)
        if missing and not is_loopback(str(settings["endpoint"])):
            found.append(f"{where} listens on {settings['endpoint']}, off loopback, without {missing}: {MEND}")
    return tuple(found)


def is_loopback(address: str) -> bool:
    """Returns whether only this machine can reach an address such as ``127.0.0.1:4318``; a bare port is every one."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listeners(settings: Tree, where: str) -> Iterator[tuple[str, Tree]]:
    below = {f"{where}::{name}": value for name, value in settings.items() if isinstance(value, dict)}
    for place, value in below.items():
        if "endpoint" in value:
            yield place, value
        yield from _listeners(value, place)


def _missing(settings: Tree) -> str:
    tls = settings.get("tls") or {}
    certificate = tls.get("cert_file") or tls.get("cert_pem")
    known = (settings.get("auth") or {}).get("authenticator") or tls.get("client_ca_file") or tls.get("client_ca_pem")
    lacks = [
        *([] if certificate else ["TLS"]),
        *([] if known else ["token or client certificate"]),
    ]
    return " and without ".join(lacks)
