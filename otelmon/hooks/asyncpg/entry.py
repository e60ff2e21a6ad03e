"""The hook itself; it imports asyncpg only when it is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry


class AsyncpgHook:
    """Observes connections, prepared statements and cursors, those made before it included."""

    name = "asyncpg"
    requires = "asyncpg>=0.30,<1"

    def install(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches asyncpg's classes, takes over from OpenTelemetry's instrumentation, and returns the undoing."""
        from otelmon.hooks.asyncpg.wiring import install  # noqa: PLC0415 - it imports asyncpg

        return install(registry)


hook = AsyncpgHook()
