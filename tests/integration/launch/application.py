"""An application for launch tests: one page with a slow query, a GitHub call and a failing call, then it exits.

It knows OpenTelemetry's API only; argv: the address of a GitHub stand-in and the exit code.
"""

from __future__ import annotations

import sys
import threading
import time

import requests
from opentelemetry import trace

PLANTED = "planted-4711"


def slow_query(tracer: trace.Tracer) -> None:
    """Makes a span like a database instrumentor's, 600 ms long, without waiting for it."""
    now = time.time_ns()
    attributes = {"db.system.name": "postgresql", "db.query.text": f"SELECT pg_sleep(0.6), '{PLANTED}'"}
    span = tracer.start_span("SELECT", kind=trace.SpanKind.CLIENT, attributes=attributes, start_time=now - 600_000_000)
    span.end(now)


def failing_call(tracer: trace.Tracer) -> None:
    """Makes a failed span whose exception carries a value."""
    try:
        with tracer.start_as_current_span("pay"):
            raise ValueError(f"Key (email)=({PLANTED})\nDETAIL:  {PLANTED}")
    except ValueError:
        return


def main() -> None:
    """Serves one page and ends."""
    github, code = sys.argv[1], int(sys.argv[2])
    tracer = trace.get_tracer("application")
    with tracer.start_as_current_span("page", kind=trace.SpanKind.SERVER):
        slow_query(tracer)
        requests.get(f"{github}/repos/a/b?access_token={PLANTED}", headers={"authorization": PLANTED}, timeout=5)
        failing_call(tracer)
    print("threads", sorted(thread.name for thread in threading.enumerate()))
    sys.exit(code)


if __name__ == "__main__":
    main()
