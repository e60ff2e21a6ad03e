"""The hook itself; it touches sentry-sdk only when the application imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.hooks.late_hook import LateHook

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry


class SentryHook(LateHook):
    """Observes what sentry-sdk sends, whoever initializes it and when."""

    name = "sentry"
    requires = "sentry-sdk>=2.75,<3"
    library = "sentry_sdk"

    def wire(self, registry: HookRegistry) -> Callable[[], None]:
        """Watches the clients of sentry-sdk and returns the undoing."""
        from otelmon.hooks.sentry.wiring import install  # noqa: PLC0415 - it imports sentry-sdk

        return install(registry)


hook = SentryHook()
