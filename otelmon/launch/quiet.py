"""Keeps the SDK's exporters from filling stderr while a collector is away, and what came in from being logged.

otelmon itself says once when loss begins and once when it ends (exporters/booking.py).
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS_BETWEEN_LINES = 60.0
EXPORTER_LOGGERS = (
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.exporter.otlp.proto.http.metric_exporter",
    "opentelemetry.exporter.otlp.proto.http._log_exporter",
    "opentelemetry.sdk._shared_internal",
)
# They write entries of baggage and tracestate that came with a request, values included, where they cannot read them.
READERS_OF_HEADERS = ("opentelemetry.baggage.propagation", "opentelemetry.trace.span")


class WithoutTexts(logging.Filter):
    """Lets every record through, with its texts hidden: they are of the request, and may be secrets."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Hides the texts among a record's arguments."""
        if isinstance(record.args, tuple):
            record.args = tuple("***" if isinstance(each, str) else each for each in record.args)
        return True


class OneLineAMinute(logging.Filter):
    """Lets one record per logger through each minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._last: float | None = None

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - the name is logging's
        """Tells whether a minute has passed since the last record that was let through."""
        now = self._clock()
        if self._last is not None and now - self._last < SECONDS_BETWEEN_LINES:
            return False
        self._last = now
        return True


def quieten_exporters() -> None:
    """Adds the filter to the loggers of the SDK's OTLP/HTTP exporters and batch processors."""
    for name in EXPORTER_LOGGERS:
        logging.getLogger(name).addFilter(OneLineAMinute())


def hide_incoming_values() -> None:
    """Keeps what came with requests out of the lines that OpenTelemetry's API writes about it."""
    for name in READERS_OF_HEADERS:
        logging.getLogger(name).addFilter(WithoutTexts())
