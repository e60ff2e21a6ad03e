"""The hook itself; it touches sentry-sdk only when the application imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon import guard
from otelmon.hooks.late_patching import when_imported

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from otelmon.registry import HookRegistry

_SITE = guard.site("hooks.sentry.install")


class SentryHook:
    """Observes what sentry-sdk sends, whoever initializes it and when."""

    name = "sentry"
    requires = "sentry-sdk>=2.75,<3"

    def install(self, registry: HookRegistry) -> Callable[[], None]:
        """Waits for the import of sentry-sdk and returns the undoing."""

        def patch(_: ModuleType) -> Callable[[], None]:
            from otelmon.hooks.sentry.wiring import install  # noqa: PLC0415 - it imports sentry-sdk

            return install(registry)

        return when_imported(_SITE, "sentry_sdk", patch)


hook = SentryHook()
