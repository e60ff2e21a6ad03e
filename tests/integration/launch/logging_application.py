"""An application for a test: it logs a text, extras, an error of a database and an event, within a span and without."""

from __future__ import annotations

import logging
import sys

from opentelemetry import trace

PLANTED = "planted-4711"


class UniqueViolation(Exception):  # noqa: N818 - the name that psycopg2 has for it
    """Is told of like a driver's."""


def main() -> None:
    """Logs, and prints the trace that it logged in and how many handlers the root logger has."""
    logger = logging.getLogger("application")
    logger.info("outside of any span")
    with trace.get_tracer("application").start_as_current_span("request") as span:
        context = span.get_span_context()
        logger.info("password=%s", PLANTED, extra={"client_secret": PLANTED, "items": [1, 2], "user": "jane"})
        logger.warning("late", extra={"otel.event.name": "application.late"})
        try:
            raise UniqueViolation(f'duplicate key value violates unique constraint "c"\nDETAIL:  Key (e)=({PLANTED})')
        except UniqueViolation:
            logger.exception("could not save")
        logging.getLogger("urllib3").warning("of the exporter's own library")
    print(f"{context.trace_id:032x} {context.span_id:016x} {len(logging.getLogger().handlers)}")
    sys.exit(0)


if __name__ == "__main__":
    main()
