"""The hook itself; it imports psycopg only when it is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry


class PsycopgHook:
    """Observes connections and cursors of psycopg's classes and of those derived from them, made before or after."""

    name = "psycopg"
    requires = "psycopg>=3.3,<4"

    def install(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches psycopg's classes, takes over from OpenTelemetry's instrumentation, and returns the undoing."""
        from otelmon.hooks.psycopg.wiring import install  # noqa: PLC0415 - it imports psycopg

        return install(registry)


hook = PsycopgHook()
