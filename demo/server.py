"""Serves a WSGI application on loopback with threads, in this process or as a program of its own."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from types import FrameType, TracebackType

    from flask import Flask

LOOPBACK = "127.0.0.1"


class KeepAliveHandler(WSGIRequestHandler):
    """Answers in HTTP/1.1 and keeps connections, as the real services do; logs nothing."""

    protocol_version = "HTTP/1.1"
    # Headers and body leave in two writes: with Nagle's algorithm each answer would wait for a delayed ACK (40 ms).
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Stays silent: a request line can hold the very secrets whose absence is proved elsewhere."""


class LoopbackServer:
    """Runs one application on a port of the loopback interface; port 0 takes a free one."""

    def __init__(self, app: Flask, port: int = 0) -> None:
        self._server = make_server(LOOPBACK, port, app, threaded=True, request_handler=KeepAliveHandler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        """Returns the port that is listened on."""
        return int(self._server.server_port)

    @property
    def url(self) -> str:
        """Returns the address without a trailing slash."""
        return f"http://{LOOPBACK}:{self.port}"

    def __enter__(self) -> LoopbackServer:  # noqa: PYI034 - typing.Self came with 3.11, and nobody derives from it
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def serve_until_terminated(app: Flask, port: int) -> None:
    """Serves until SIGTERM or SIGINT, then returns."""
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with LoopbackServer(app, port):
        stopped.wait()
