"""The hook itself; it touches asyncpg only when the application imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.hooks.late_hook import LateHook

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from otelmon.registry import HookRegistry


class AsyncpgHook(LateHook):
    """Observes connections, prepared statements and cursors, those made before it included."""

    name = "asyncpg"
    requires = "asyncpg>=0.30,<1"
    library = "asyncpg"
    instrumentation = "opentelemetry.instrumentation.asyncpg"

    def wire(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches asyncpg's classes, and returns the undoing."""
        from otelmon.hooks.asyncpg.wiring import install  # noqa: PLC0415 - it imports asyncpg

        return install(registry)

    def take_over(self, module: ModuleType, is_on: Callable[[], bool]) -> list[Callable[[], None]]:
        """Replaces names of OpenTelemetry's instrumentation, and returns what undoes it."""
        from otelmon.hooks.asyncpg.instrumentation import take_over  # noqa: PLC0415 - it imports asyncpg

        return take_over(module, is_on)


hook = AsyncpgHook()
