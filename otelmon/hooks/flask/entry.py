"""The hook itself; it waits for OpenTelemetry's instrumentation of Flask, and is nothing without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon import guard
from otelmon.hooks.late_patching import when_imported

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from otelmon.registry import HookRegistry

_INSTALL = guard.site("hooks.flask.install")


class FlaskHook:
    """Makes spans and metrics of requests in the place of OpenTelemetry's instrumentation, which keeps special ones."""

    name = "flask"
    requires = "flask>=1,<4"

    def install(self, registry: HookRegistry) -> Callable[[], None]:
        """Waits for the instrumentation, and returns the undoing."""

        def take_over(module: ModuleType) -> Callable[[], None]:
            from otelmon.hooks.flask.instrumentation import take_over  # noqa: PLC0415 - it imports flask

            return take_over(module, registry)

        return when_imported(_INSTALL, "opentelemetry.instrumentation.flask", take_over)


hook = FlaskHook()
