"""The hook itself; it imports psycopg2 only when it is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry


class Psycopg2Hook:
    """Observes connections made from now on, whatever class they and their cursors are asked to have."""

    name = "psycopg2"
    requires = "psycopg2>=2.8.6,<3 | psycopg2-binary>=2.8.6,<3"

    def install(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches how psycopg2 connects, takes over from OpenTelemetry's instrumentation, and returns the undoing."""
        from otelmon.hooks.psycopg2.wiring import install  # noqa: PLC0415 - it imports psycopg2

        return install(registry)


hook = Psycopg2Hook()
