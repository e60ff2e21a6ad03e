"""Hook, registry and watch of pools together, as launch wires them, with what they emit kept for tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry.trace import get_tracer

from otelmon.hooks.psycopg2_pool import hook
from otelmon.registry import HookRegistry
from otelmon.settings import Settings
from otelmon.watch.pools import PoolReports
from otelmon.watch.thread import Watch

if TYPE_CHECKING:
    from otelmon.hooks.protocol import Hook
    from otelmon.registry.histograms import Aggregate

Attributes = Mapping[str, str | int | float | bool]


class Reported:
    """Holds the events of one run by name, and the registry that they come from; the watch looks while ``looks``."""

    def __init__(self, leak_after_ms: int) -> None:
        self.registry = HookRegistry(Settings(leak_after_ms=leak_after_ms))
        self.events: list[tuple[str, Attributes, int]] = []
        self.looks = threading.Event()
        self.looks.set()

    def hold_back(self) -> None:
        """Has the watch wait before its next look, until ``looks`` is set again."""
        self.looks.wait()

    def emit(self, name: str, attributes: Attributes, *, trace_id: int, span_id: int) -> None:
        """Takes one event."""
        del span_id
        self.events.append((name, attributes, trace_id))

    def named(self, name: str) -> list[Attributes]:
        """Returns the attributes of the events of one name."""
        return [attributes for each, attributes, _ in self.events if each == name]

    def wait_for(self, name: str, count: int = 1, seconds: float = 10) -> list[Attributes]:
        """Returns the events of one name as soon as there are so many."""
        ends = time.monotonic() + seconds
        while len(self.named(name)) < count and time.monotonic() < ends:
            time.sleep(0.01)
        return self.named(name)

    def times(self) -> dict[str, list[Aggregate]]:
        """Returns what was measured, by instrument."""
        return {name: each.aggregates() for name, each in self.registry.connections.histograms.items()}

    def leaked(self) -> dict[str, int]:
        """Returns the leaks by kind, those that have happened."""
        return {kind: count for (_, kind), count in self.registry.connections.leaked().items() if count}


@contextmanager
def watching(leak_after_ms: int = 60_000, interval: float = 0.02, hook: Hook = hook) -> Iterator[Reported]:
    """Yields what is reported while the hook is installed and a real watch thread runs."""
    reported = Reported(leak_after_ms)
    reports = PoolReports(reported.registry, get_tracer("test"), reported.emit)
    watch = Watch([("held back", reported.hold_back), *reports.tasks()], reports.finish, interval=interval)
    undo = hook.install(reported.registry)
    watch.start()
    try:
        yield reported
    finally:
        reported.looks.set()
        watch.finish(5)
        undo()
