"""A hook that touches its library when the application imports it, and never loads one that is merely installed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from otelmon import guard
from otelmon.hooks.late_patching import when_imported
from otelmon.hooks.patching import undo_all

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from otelmon.registry import HookRegistry


class LateHook(ABC):
    """Waits for the import of ``library``; ``name`` and ``requires`` are those of ``protocol.Hook``.

    ``instrumentation`` names the module of OpenTelemetry that observes the same library, where there is one: it
    imports the library, so it is waited for from the start, not from within its own import.
    """

    name: str
    requires: str
    library: str
    instrumentation: str = ""

    def install(self, registry: HookRegistry) -> Callable[[], None]:
        """Waits for both modules and returns the undoing, of the waiting as well as of what was patched."""
        site = guard.site(f"hooks.{self.name}.install")

        def patch(_: ModuleType) -> Callable[[], None]:
            undo = self.wire(registry)
            registry.observed.add(self.name)
            return undo_all((undo, lambda: registry.observed.discard(self.name)))

        def take_over(module: ModuleType) -> Callable[[], None]:
            return undo_all(self.take_over(module, lambda: self.name in registry.observed))

        steps = [when_imported(site, self.library, patch)]
        if self.instrumentation:
            steps.append(when_imported(site, self.instrumentation, take_over))
        return undo_all(steps)

    @abstractmethod
    def wire(self, registry: HookRegistry) -> Callable[[], None]:
        """Patches the library, which has been imported, and returns what puts the very same objects back."""

    def take_over(self, module: ModuleType, is_on: Callable[[], bool]) -> list[Callable[[], None]]:  # noqa: ARG002 - see below
        """Makes OpenTelemetry's instrumentation leave calls to the hook, and returns what undoes it.

        Args:
            module: its module, which has been imported.
            is_on: tells whether the hook observes the library at the time.
        """
        return []
