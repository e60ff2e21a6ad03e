"""An application for a test: four forked workers, each with one slow and one failing statement that it reports.

argv: the connection string. WORD: what every value of this run holds; it stands neither in this file nor in argv,
which Sentry gets as the source of frames and as the process's arguments.
"""

from __future__ import annotations

import os
import sys

import psycopg2
import sentry_sdk
from opentelemetry import trace

WORKERS = 4


def work(number: int) -> None:
    """Serves one request, in which every value is another."""
    connection = psycopg2.connect(sys.argv[1])
    connection.autocommit = True
    cursor = connection.cursor()
    with trace.get_tracer("application").start_as_current_span("request"):
        for repetition in range(3):
            cursor.execute("SELECT pg_sleep(%s), %s", (0.15 + repetition / 1000, f"{os.environ['WORD']}-{number}"))
    try:
        with trace.get_tracer("application").start_as_current_span("failing") as span:
            # In one piece, as others write there too.
            os.write(1, f"{span.get_span_context().trace_id:032x}\n".encode())
            cursor.execute("SELECT %s::int", (f"{os.environ['WORD']}-{number}",))
    except psycopg2.Error as error:
        # A framework and the application both report it, when its span is over.
        sentry_sdk.capture_exception(error)
        sentry_sdk.capture_exception(error)
    sentry_sdk.flush(10)


def main() -> None:
    """Forks the workers and waits for them."""
    children = []
    for number in range(WORKERS):
        child = os.fork()
        if child == 0:
            work(number)
            sys.exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
