"""Wires the limit of otelmon's own share of the CPU; where there is none, nothing of it is even imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon import guard
from otelmon.hooks.acquiring_stack import look_for_stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from otelmon.calls.recorder import CallRecorder
    from otelmon.registry import HookRegistry
    from otelmon.watch.overhead import OverheadWatch


class OverheadLimit:
    """Holds the watch over the share and the switches of what can be left undone.

    Each switch changes what a step calls, not what it asks: without a limit no call pays for it.
    """

    def __init__(self, registry: HookRegistry, recorder: CallRecorder) -> None:
        self._registry = registry
        self._recorder = recorder
        self.watch: OverheadWatch | None = None
        if registry.settings.overhead_limit_ratio:
            self.watch = guard.call(guard.site("launch.overhead"), self._watching)

    def _watching(self) -> OverheadWatch | None:
        from otelmon.watch.overhead import OverheadWatch  # noqa: PLC0415 - only where there is a limit
        from otelmon.watch.own_threads import IS_MEASURABLE  # noqa: PLC0415 - as above

        if not IS_MEASURABLE:
            return None
        settings = self._registry.settings
        return OverheadWatch(settings.overhead_limit_ratio, self._registry.shed, self.leave_undone)

    def tasks(self) -> list[tuple[str, Callable[[], None]]]:
        """Returns what the watch does in every round, by name."""
        return [] if self.watch is None else [("overhead", self.watch.look)]

    def start(self) -> None:
        """Begins to measure."""
        if self.watch is not None:
            guard.put_in_front(self.watch.meter.call)

    def undo(self) -> None:
        """Measures no more, and leaves nothing undone."""
        if self.watch is not None:
            guard.put_in_front(None)
            self.leave_undone(())

    def after_fork(self) -> None:
        """Begins anew in a forked child."""
        if self.watch is not None:
            self.leave_undone(())
            self._registry.shed.clear()
            self.watch.begin()
            self.start()

    def leave_undone(self, kinds: Collection[str]) -> None:
        """Leaves these kinds of work undone from now on, and does all others; rules/overhead.py has their order."""
        shed = self._registry.shed

        def counted(kind: str) -> Callable[[], None] | None:
            return (lambda: shed.add(kind)) if kind in kinds else None

        if self._registry.sessions is not None:
            self._registry.sessions.plan_refused = counted("plans")
        look_for_stacks(counted("stacks"))
        self._recorder.repeated.compare(counted("digests"))
        self._recorder.show_fast_calls(counted("spans"))
