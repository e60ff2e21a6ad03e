"""The entry points that OpenTelemetry calls: they import next to nothing, so that they cannot fail.

An exception here would stop every instrumentor (opentelemetry-instrumentation 0.66b1, auto_instrumentation/_load.py).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Mapping


def pre_instrument() -> None:
    """Activates otelmon for ``opentelemetry-instrument``."""
    start({})


@guard.guarded("launch.entry")
def start(options: Mapping[str, object]) -> None:
    """Activates otelmon, unless it is disabled: then nothing else of it is even imported.

    Args:
        options: settings by field name, which win over the environment.
    """
    disabled = options.get("disabled")
    chosen = os.environ.get("OTELMON_DISABLED", "") if disabled is None else str(disabled)
    if _is_true(chosen) or _is_true(os.environ.get("OTEL_SDK_DISABLED", "")):
        return
    from otelmon.launch.activate import activate  # noqa: PLC0415 - behind the guard on purpose

    activate(options)


def _is_true(text: str) -> bool:
    return text.strip().lower() == "true"
