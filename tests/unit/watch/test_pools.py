"""What the watch tells of pools: leaks, late returns, exhaustion, and times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import SpanContext, TraceFlags

from otelmon.launch.promotion import promote_ancestors
from otelmon.records import Checkout, Exhaustion, Holder, LateReturn, Leak, PoolState
from otelmon.registry import HookRegistry
from otelmon.registry.promoted import PromotedSpans
from otelmon.settings import Settings
from otelmon.watch.exhaustion import MOST_EVENTS, PERIOD_NS, ExhaustionReports
from otelmon.watch.leaks import report_busy, report_late_returns, report_leaks
from otelmon.watch.pools import PoolReports

if TYPE_CHECKING:
    from collections.abc import Iterator

SECOND = 1_000_000_000
POOL = "h:5432/db#1"
PAGE = compile("pass", "/srv/app.py", "exec")
STACK = ((PAGE, max(start for start, _, line in PAGE.co_lines() if line == 1)),)
HERE = {
    "code.function.name": "<module>",
    "code.file.path": "/srv/app.py",
    "code.line.number": 1,
    "code.stacktrace": '  File "/srv/app.py", line 1, in <module>',
}
TAKEN = Checkout(POOL, 0, SpanContext(7, 8, is_remote=False, trace_flags=TraceFlags(1)), STACK)


class Events(list):
    """Keeps what is emitted, as name, attributes and ids."""

    def emit(self, name: str, attributes: dict[str, object], *, trace_id: int, span_id: int) -> None:
        """Takes one event."""
        self.append((name, dict(attributes), (trace_id, span_id)))


@pytest.fixture
def events() -> Events:
    """Returns an empty list of events."""
    return Events()


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    """Returns where ended spans are kept."""
    return InMemorySpanExporter()


@pytest.fixture
def provider(exporter: InMemorySpanExporter) -> Iterator[TracerProvider]:
    """Yields a provider that exports each span at its end."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield provider
    provider.shutdown()


def held(kind: str, seconds: float) -> dict[str, object]:
    """Returns the attributes of a connection that is out for long."""
    return {
        "db.client.connection.pool.name": POOL,
        "otelmon.db.client.connection.leak.kind": kind,
        "otelmon.db.client.connection.held": seconds,
    }


def test_leak_is_a_span_in_the_trace_of_the_checkout_and_an_event(events, exporter, provider) -> None:
    """The span runs from the checkout, carries pool, kind and line, and is marked to be kept."""
    report_leaks([Leak(TAKEN, "in_transaction", 3 * SECOND)], provider.get_tracer("t"), events.emit, PromotedSpans())
    (span,) = exporter.get_finished_spans()
    assert (span.name, span.context.trace_id, span.parent.span_id) == ("connection leaked", 7, 8)
    assert span.end_time - span.start_time == 3 * SECOND
    facts = {**held("in_transaction", 3.0), **HERE}
    assert dict(span.attributes) == {**facts, "otelmon.keep": "leak"}
    assert events == [("otelmon.connection.leaked", facts, (7, 8))]


@pytest.mark.parametrize("span", [None, SpanContext(0, 0, is_remote=False)], ids=["unknown", "none"])
def test_leak_outside_any_trace_starts_its_own(span, events, exporter, provider) -> None:
    """A checkout without a span is reported as well, and unknown facts are absent."""
    report_leaks([Leak(Checkout(POOL, 0, span), "idle", 1)], provider.get_tracer("t"), events.emit, PromotedSpans())
    (ended,) = exporter.get_finished_spans()
    assert ended.parent is None
    assert "code.function.name" not in ended.attributes
    assert events == [("otelmon.connection.leaked", held("idle", 1e-9), (0, 0))]


def test_leak_in_a_trace_that_is_not_sampled_is_a_span_all_the_same(events, exporter) -> None:
    """The span of a leak is sent under any head sampler, and says why."""
    provider = TracerProvider(ALWAYS_OFF, shutdown_on_exit=False)
    promoted = PromotedSpans()
    undo = promote_ancestors(provider, promoted)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    unsampled = TAKEN._replace(span=SpanContext(7, 8, is_remote=False))
    report_leaks([Leak(unsampled, "idle", 1)], provider.get_tracer("t"), events.emit, promoted)
    (span,) = exporter.get_finished_spans()
    assert (span.context.trace_id, span.attributes["otelmon.keep"], span.attributes["otelmon.promoted"]) == (
        7,
        "leak",
        True,
    )
    undo()
    provider.shutdown()


def test_late_return_and_long_statement_are_events_in_the_trace_of_the_checkout(events) -> None:
    """A late return names the kind that was reported; a long statement has a kind of its own."""
    report_late_returns([LateReturn(Leak(TAKEN, "idle", SECOND), 2 * SECOND)], events.emit)
    report_busy([Holder(TAKEN, 5 * SECOND, "busy")], events.emit)
    assert events == [
        ("otelmon.connection.returned_late", {**held("idle", 2.0), **HERE}, (7, 8)),
        ("otelmon.connection.busy", {**held("busy", 5.0), **HERE}, (7, 8)),
    ]


def exhaustion(*holders: Holder, pool: str = POOL) -> Exhaustion:
    """Returns an episode of a pool of two, asked in vain within a span, by three requests."""
    asked = Checkout(pool, 9 * SECOND, SpanContext(5, 6, is_remote=False), STACK)
    return Exhaustion(asked, PoolState(idle=0, used=2, max=2, min=0), holders, 3)


def test_exhaustion_names_who_asked_and_who_holds(events) -> None:
    """The oldest holder stands in attributes of its own, others in short; all of it in the trace of the request."""
    other = Holder(Checkout(POOL, 0), SECOND // 2, None)
    traced = Holder(TAKEN, SECOND, "busy")
    ExhaustionReports(events.emit).report([exhaustion(Holder(TAKEN, 2 * SECOND, "idle"), traced, other)], 0)
    assert events == [
        (
            "otelmon.pool.exhausted",
            {
                "db.client.connection.pool.name": POOL,
                "otelmon.db.pool.max": 2,
                "otelmon.db.pool.holders": 2,
                "otelmon.db.pool.refused": 3,
                "otelmon.db.pool.waiting": 0,
                "otelmon.db.pool.other_holders": (
                    "busy 1.000s 00000000000000000000000000000007 <module> /srv/app.py:1; - 0.500s - - -"
                ),
                "otelmon.db.pool.oldest_holder.trace_id": "00000000000000000000000000000007",
                "otelmon.db.pool.oldest_holder.span_id": "0000000000000008",
                "otelmon.db.pool.oldest_holder.held": 2.0,
                "otelmon.db.pool.oldest_holder.state": "idle",
                "otelmon.db.pool.oldest_holder.function": "<module>",
                "otelmon.db.pool.oldest_holder.file": "/srv/app.py",
                "otelmon.db.pool.oldest_holder.line": 1,
                **HERE,
            },
            (5, 6),
        )
    ]


@pytest.mark.parametrize(
    ("holders", "known"),
    [((), set()), ((Holder(Checkout(POOL, 0), 1, None),), {"otelmon.db.pool.oldest_holder.held"})],
    ids=["nobody known", "taken outside of the application and of any trace"],
)
def test_unknown_facts_of_holders_are_absent(holders, known, events) -> None:
    """A pool that is older than its observation has holders of whom little is known."""
    ExhaustionReports(events.emit).report([exhaustion(*holders)], 0)
    ((_, attributes, _),) = events
    assert {name for name in attributes if "holder." in name or "other" in name} == known


def test_events_of_a_flapping_pool_are_bounded_and_what_is_left_out_is_told(events) -> None:
    """Ten episodes a minute have an event; the next one after that says how many had none; other pools have theirs."""
    reports = ExhaustionReports(events.emit)
    for number in range(100):
        reports.report([exhaustion()], number)
    reports.report([exhaustion(pool="q")], 100)
    assert len(events) == MOST_EVENTS + 1
    reports.report([exhaustion()], PERIOD_NS)
    assert events[-1][1]["otelmon.db.pool.episodes_left_out"] == 100 - MOST_EVENTS
    reports.report([exhaustion()], 3 * PERIOD_NS)
    assert "otelmon.db.pool.episodes_left_out" not in events[-1][1]
    assert list(reports._emitted) == [POOL]


def test_what_is_left_is_told_at_the_end(events, exporter, provider) -> None:
    """A process that ends at once after an exhaustion, a leak or a late return has told of them."""
    registry = HookRegistry(Settings(leak_after_ms=100))
    reports = PoolReports(registry, provider.get_tracer("t"), events.emit)
    registry.connections.checked_out(1, TAKEN)
    registry.connections.refused(TAKEN, PoolState())
    reports.finish()
    registry.connections.checked_in(1)
    registry.connections.returned(1, TAKEN, SECOND)
    reports.finish()
    assert [name for name, _, _ in events] == [
        "otelmon.connection.leaked",
        "otelmon.pool.exhausted",
        "otelmon.connection.returned_late",
    ]
    assert len(exporter.get_finished_spans()) == 1
