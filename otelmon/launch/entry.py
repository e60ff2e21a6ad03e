"""The entry point that ``opentelemetry-instrument`` calls: it imports next to nothing, so that it cannot fail.

An exception here would stop every instrumentor (opentelemetry-instrumentation 0.66b1, auto_instrumentation/_load.py).
"""

from __future__ import annotations

import os

from otelmon import guard


@guard.guarded("launch.entry")
def pre_instrument() -> None:
    """Activates otelmon, unless it is disabled: then nothing of it is even imported."""
    if os.environ.get("OTELMON_DISABLED", "").strip().lower() == "true":
        return
    from otelmon.launch.activate import activate  # noqa: PLC0415 - behind the guard on purpose

    activate({})
