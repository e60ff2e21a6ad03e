"""An application for a test: operations in short requests, every hundredth fails, and it prints how many they were.

argv: the connection string, and how many.
"""

from __future__ import annotations

import contextlib
import sys

import psycopg2
from opentelemetry import trace

REQUEST = 50


def main() -> None:
    """Runs the operations and prints their number and the traces that they were made in."""
    connection = psycopg2.connect(sys.argv[1])
    connection.autocommit = True
    cursor = connection.cursor()
    tracer = trace.get_tracer("application")
    traces = []
    for start in range(0, int(sys.argv[2]), REQUEST):
        with tracer.start_as_current_span("request", kind=trace.SpanKind.SERVER) as span:
            traces.append(f"{span.get_span_context().trace_id:032x}")
            for number in range(start, start + REQUEST):
                if number % 100:
                    cursor.execute("SELECT %s::int", (number,))
                    continue
                with contextlib.suppress(psycopg2.Error):
                    cursor.execute("SELECT %s::int", (f"planted{number}",))
    print(" ".join(traces))


if __name__ == "__main__":
    main()
