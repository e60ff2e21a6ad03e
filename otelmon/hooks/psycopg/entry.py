"""The hook itself; it touches psycopg only when the application imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.hooks.late_hook import LateHook

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from otelmon.registry import HookRegistry


class PsycopgHook(LateHook):
    """Observes connections and cursors of psycopg's classes and of those derived from them, made before or after."""

    name = "psycopg"
    requires = "psycopg>=3.3,<4"
    library = "psycopg"
    instrumentation = "opentelemetry.instrumentation.psycopg"

    def wire(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches psycopg's classes, and returns the undoing."""
        from otelmon.hooks.psycopg.wiring import install  # noqa: PLC0415 - it imports psycopg

        return install(registry)

    def take_over(self, module: ModuleType, is_on: Callable[[], bool]) -> list[Callable[[], None]]:
        """Replaces names of OpenTelemetry's instrumentation, and returns what undoes it."""
        from otelmon.hooks.psycopg.instrumentation import take_over  # noqa: PLC0415 - it imports psycopg

        return take_over(module, is_on)


hook = PsycopgHook()
