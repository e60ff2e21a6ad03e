"""An application for WSGI and ASGI servers under test: each request makes one span and tells of its process.

``LIFE_SPANS_AT_IMPORT`` says how many spans it makes while it is imported, which is in the parent where that loads it.
"""

from __future__ import annotations

import json
import os
import threading
import time
from typing import TYPE_CHECKING, Any

from opentelemetry import trace

from otelmon.launch.activate import active

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

SECONDS_A_REQUEST = 0.005
_tracer = trace.get_tracer("application")
_lock = threading.Lock()
_begun: dict[int, int] = {}

# By process, of the spans that were begun here.
_begun[os.getpid()] = int(os.environ.get("LIFE_SPANS_AT_IMPORT", "0"))
for _ in range(_begun[os.getpid()]):
    with _tracer.start_as_current_span("import"):
        pass


def _count() -> None:
    """Counts a span of this very process."""
    with _lock:
        _begun[os.getpid()] = _begun.get(os.getpid(), 0) + 1


def serve() -> bytes:
    """Serves one request; its answer names the span and says what otelmon holds of this process."""
    _count()
    with _tracer.start_as_current_span("request", kind=trace.SpanKind.SERVER) as span:
        time.sleep(SECONDS_A_REQUEST)
        activation = active()
        counts = next(iter(activation.ledger.snapshot().values()), None) if activation else None
        said = {
            "span": f"{span.get_span_context().span_id:016x}",
            "pid": os.getpid(),
            "at": time.monotonic(),
            "started": counts.started if counts else -1,
            # After what was started, since other threads begin meanwhile.
            "begun": _begun[os.getpid()],
            "watch": activation.watch.alive if activation else False,
            "beat": activation.watch.beat if activation else 0,
        }
    return json.dumps(said).encode()


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answers a WSGI server."""
    del environ
    body = serve()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


async def asgi(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Answers an ASGI server."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = serve()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
