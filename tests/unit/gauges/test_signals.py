"""The catalogue describes what the code puts on spans and into the event of a leak."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind, get_tracer

from otelmon import signals
from otelmon.hooks.github.facts import answer_attributes, event_attributes
from otelmon.processors.marks import marks_of
from otelmon.records import (
    Budget,
    Checkout,
    Exhaustion,
    Forecast,
    GitHubAnswer,
    GitHubCall,
    Holder,
    LateReturn,
    Leak,
    PoolState,
    RateLimit,
    SecondaryUse,
)
from otelmon.registry import HookRegistry
from otelmon.registry.promoted import PromotedSpans
from otelmon.settings import Settings
from otelmon.watch.exhaustion import EXHAUSTED, exhaustion_attributes
from otelmon.watch.github import GitHubReports
from otelmon.watch.leaks import leak_attributes, report_busy, report_late_returns, report_leaks

CODE = compile("pass", "/app.py", "exec")
SPAN = SpanContext(1, 2, is_remote=False)
CHECKOUT = Checkout("p", 0, SPAN, ((CODE, 0),))
LEAK = Leak(CHECKOUT, "idle", 1)
HOLDERS = (Holder(CHECKOUT, 1, "idle"), Holder(CHECKOUT, 1, None))


def emitted() -> dict[str, str | bool | int | float]:
    """Returns one value of every attribute that otelmon puts on a span."""
    slow = ReadableSpan(
        "SELECT", kind=SpanKind.CLIENT, attributes={"db.system.name": "postgresql"}, start_time=1, end_time=10**10
    )
    answer = GitHubAnswer(403, RateLimit(1, 0, 1, 1, "core"), "primary")
    return {**marks_of(slow, Settings()), **answer_attributes(answer), **leak_attributes(LEAK)}


@pytest.mark.parametrize("name", [name for name in emitted() if name.startswith("otelmon.")])
def test_span_attribute_is_described(name: str) -> None:
    """Every attribute of ours is in the catalogue, with the type that it has."""
    types = {"string": str, "boolean": bool, "int": int, "double": float}
    described = {signal.name: signal.value for signal in signals.SPAN_ATTRIBUTES}
    assert type(emitted()[name]) is types[described[name]]


def test_events_of_pools_are_described() -> None:
    """The events of leaks, late returns, busy connections and exhausted pools have the attributes of the catalogue."""
    emitted = {}

    def emit(name: str, attributes: dict[str, object], **_: int) -> None:
        emitted[name] = tuple(attributes)

    report_leaks([LEAK], get_tracer("test"), emit, PromotedSpans())
    report_late_returns([LateReturn(LEAK, 2)], emit)
    report_busy([HOLDERS[0]], emit)
    emit(EXHAUSTED, exhaustion_attributes(Exhaustion(CHECKOUT, PoolState(used=2, max=2), HOLDERS, 1), 3))
    described = {event.name: event.attributes for event in signals.EVENTS}
    assert emitted == {name: described[name] for name in emitted}
    assert len(emitted) == 4


def test_events_of_github_are_described() -> None:
    """Requests, refusals, low budgets and near limits have the attributes of the catalogue."""
    emitted = {}

    def emit(name: str, attributes: dict[str, object], **_: int) -> None:
        emitted[name] = set(attributes)

    reports = GitHubReports(HookRegistry(Settings()), emit)
    reports.low(Budget("o", "core", 1, 1, 1, 1, 1.0, 1.0, Forecast(1.0, 1.0, 1.0), "warning"))
    reports.near(SecondaryUse("o", "rest_points", 0.8, "/user"))
    answer = GitHubAnswer(403, RateLimit(1, 0, 1, 1, "core"), "primary", 1, None, ("f", "/app.py", 1))
    for name in ("otelmon.github.request", "otelmon.github.throttled"):
        emitted[name] = set(event_attributes(GitHubCall("o", "/user", host="api.github.com"), answer, 1, "id"))
    described = {event.name: set(event.attributes) for event in signals.EVENTS}
    assert emitted == {name: described[name] for name in emitted}
    assert len(emitted) == 4


@pytest.mark.parametrize("kind", [signals.METRICS, signals.SPAN_ATTRIBUTES, signals.EVENTS])
def test_names_are_unique(kind: tuple[signals.Metric | signals.Signal, ...]) -> None:
    """No name is described twice."""
    names = [each.name for each in kind]
    assert len(names) == len(set(names))
