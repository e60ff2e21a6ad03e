"""The hook itself; it touches psycopg2 only when the application imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.hooks.late_hook import LateHook

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from otelmon.registry import HookRegistry


class Psycopg2Hook(LateHook):
    """Observes connections made from now on, whatever class they and their cursors are asked to have."""

    name = "psycopg2"
    requires = "psycopg2>=2.8.6,<3 | psycopg2-binary>=2.8.6,<3"
    library = "psycopg2"
    instrumentation = "opentelemetry.instrumentation.psycopg2"

    def wire(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches how psycopg2 connects, and returns the undoing."""
        from otelmon.hooks.psycopg2.wiring import install  # noqa: PLC0415 - it imports psycopg2

        return install(registry)

    def take_over(self, module: ModuleType, is_on: Callable[[], bool]) -> list[Callable[[], None]]:
        """Replaces names of OpenTelemetry's instrumentation, and returns what undoes it."""
        from otelmon.hooks.psycopg2.instrumentation import take_over  # noqa: PLC0415 - it imports psycopg2

        return take_over(module, is_on)


hook = Psycopg2Hook()
