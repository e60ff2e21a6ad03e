"""Serves the page until it is told to end."""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING

import uvicorn

from otelmon.operate.errors import OperateError
from otelmon.operate.page.app import Page
from otelmon.operate.page.certificate import Certificate
from otelmon.operate.page.reading import Reader

if TYPE_CHECKING:
    from otelmon.operate.overview.addresses import Addresses
    from otelmon.operate.page.gate import Gate

MOST_CONNECTIONS = 64
SECONDS_TO_END = 3
SECONDS_OF_SILENCE = 10
LOG = logging.getLogger("otelmon.page")


def serve(gate: Gate, addresses: Addresses, every: float) -> None:
    """Listens, reads and answers until SIGTERM or SIGINT.

    Args:
        gate: where to listen, and what to demand.
        addresses: of the sources.
        every: seconds between two readings.

    Raises:
        OperateError: the gate cannot be kept, or the address cannot be listened on.
    """
    gate.check()
    listening = listen(gate.host, gate.port)
    scheme = "https" if gate.certificate else "http"
    host, port = listening.getsockname()[:2]
    LOG.info("page listening address=%s://%s:%d/", scheme, f"[{host}]" if ":" in host else host, port)
    chosen = configuration(gate, Page(Reader(addresses, every)))
    chosen.load()
    if chosen.ssl:
        Certificate(gate.certificate, gate.key).follow(chosen.ssl)
    server = uvicorn.Server(chosen)
    try:
        server.run(sockets=[listening])
    except OSError as error:
        raise OperateError(f"the page cannot be served: {error.strerror or type(error).__name__}") from error


def configuration(gate: Gate, page: Page) -> uvicorn.Config:
    """Returns how uvicorn runs the page: no access log, few connections, silent ones are closed."""
    return uvicorn.Config(
        page.app(gate),
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=SECONDS_OF_SILENCE,
        timeout_graceful_shutdown=SECONDS_TO_END,
        ssl_certfile=gate.certificate or None,
        ssl_keyfile=gate.key or None,
        lifespan="on",
    )


def listen(host: str, port: int) -> socket.socket:
    """Returns a listening socket.

    Raises:
        OperateError: the address is taken or does not exist here.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
    except OSError as error:
        raise OperateError(
            f"cannot listen on {host} port {port}: {error.strerror or error}; end what uses it, or name another --port"
        ) from error
    return made
