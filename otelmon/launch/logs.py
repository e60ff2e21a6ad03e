"""Sets the application's logging up where it is asked for (``OTELMON_LOGS``); else it is left alone."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from otelmon.exporters.json_logs import JsonFormatter, OtlpHandler

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.settings import Settings


def set_up_logs(settings: Settings) -> Callable[[], None]:
    """Gives the root logger handlers as ``OTELMON_LOGS`` says, and returns the undoing.

    ``json`` writes to stderr; with a handler there ``logging.basicConfig`` of the application does nothing, which is
    what makes every line JSON. An application that sets its logging up with ``dictConfig`` names the formatter there.

    Args:
        settings: which handlers, and the least level, which is set where the root logger has its default.
    """
    made: list[logging.Handler] = []
    if settings.logs in ("json", "both"):
        handler = logging.StreamHandler()
        handler.setFormatter(JsonFormatter())
        made.append(handler)
    if settings.logs in ("otlp", "both") and not _is_sent_already():
        made.append(OtlpHandler())
    root = logging.getLogger()
    level = root.level
    for each in made:
        root.addHandler(each)
    if made and level == logging.WARNING:
        root.setLevel(settings.logs_level.upper())

    def undo() -> None:
        for each in made:
            root.removeHandler(each)
        if made and root.level == logging.getLevelName(settings.logs_level.upper()):
            root.setLevel(level)

    return undo


def _is_sent_already() -> bool:
    """Tells whether OpenTelemetry's own handler is there, so that nothing is sent twice."""
    return any(type(each).__module__.startswith("opentelemetry.") for each in logging.getLogger().handlers)
