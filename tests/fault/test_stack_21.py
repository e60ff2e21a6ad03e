"""Case 21 of the table of faults: hardly any stack is left when our own code runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from otelmon import guard
from otelmon.ledger import Account
from otelmon.processors.marking import MarkingSpanProcessor
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from opentelemetry import trace

LIMIT, DEEPEST = 400, 120
# Frames of the test and of the guard itself; below them no call can be made at all.
SHALLOWEST = 6


@pytest.fixture
def little_stack() -> Iterator[None]:
    """Lets the guard swallow, and the stack be small."""
    guard.set_strict(False)
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(LIMIT + depth())
    yield
    sys.setrecursionlimit(before)
    guard.reset()
    guard.set_strict(True)


def depth() -> int:
    """Returns how many frames there are."""
    frame, number = sys._getframe(), 0
    while frame is not None:
        frame, number = frame.f_back, number + 1
    return number


def free() -> int:
    """Returns how many calls can be nested from here on."""
    try:
        return 1 + free()
    except RecursionError:
        return 0


def at(left: int, work: Callable[[], Any], hidden: int | None = None) -> Any:
    """Does something where so many frames are left; calls made by C, pytest's among them, count and are no frames."""
    if hidden is None:
        hidden = sys.getrecursionlimit() - depth() - free()
    if sys.getrecursionlimit() - depth() - hidden <= left:
        return work()
    return at(left, work, hidden)


def outcome(work: Callable[[], Any]) -> str:
    """Returns what comes of some work, or that no frame was left for it."""
    try:
        return str(work())
    except RecursionError:
        return "no frame left"


def endless() -> None:
    """Never comes back."""
    endless()


@pytest.mark.usefixtures("little_stack")
def test_21_guard_swallows_with_hardly_any_stack() -> None:
    """Wherever one frame of the guard itself fits, what fails behind it is swallowed, its log line too."""
    site = guard.site("test.stack")
    for left in range(SHALLOWEST, DEEPEST):
        site.errors, site.logged_at = 0, None
        assert outcome(lambda left=left: at(left, lambda: guard.call(site, endless))) == "None", left
        assert site.errors == 1


@pytest.mark.usefixtures("little_stack")
def test_21_span_ends_as_without_otelmon(seen) -> None:
    """Ending a span with little stack left never raises where the SDK alone would not."""
    exporter = InMemorySpanExporter()
    plain, ours = TracerProvider(shutdown_on_exit=False), TracerProvider(shutdown_on_exit=False)
    plain.add_span_processor(SimpleSpanProcessor(exporter))
    ours.add_span_processor(MarkingSpanProcessor(SimpleSpanProcessor(exporter), Settings(), Account("test")))
    worse = []
    for left in range(4, DEEPEST):
        alone, with_otelmon = (
            outcome(lambda each=each, left=left: at(left, lambda: end(each))) for each in (plain, ours)
        )
        if alone != with_otelmon:
            worse.append(left)
    seen(f"the end of a span needs up to {len(worse)} frames more than with the SDK alone")
    assert worse == []


def end(provider: trace.TracerProvider) -> str:
    """Makes and ends a span."""
    provider.get_tracer("test").start_span("deep").end()
    return "ended"
