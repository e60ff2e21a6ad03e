"""Shows what the diagnostics connection has found out; nothing where diagnostics are off."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from otelmon.gauges.points import Point
    from otelmon.registry import HookRegistry


def diagnostics_sources(registry: HookRegistry) -> dict[str, Callable[[], Iterable[Point]]]:
    """Returns what the instruments of diagnostics read."""
    sessions = registry.sessions
    if sessions is None:
        return {"otelmon.db.query_ids": tuple, "otelmon.db.diagnostics": tuple}
    return {
        "otelmon.db.query_ids": lambda: (
            (count, {"origin": name}) for name, count in sessions.identified_calls().items()
        ),
        "otelmon.db.diagnostics": lambda: ((count, {"result": name}) for name, count in sessions.answers().items()),
    }
