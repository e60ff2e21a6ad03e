"""The switches of what is left undone: each stops its own work, counts it, and lets everything else be."""

from __future__ import annotations

import inspect
from types import SimpleNamespace

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from otelmon import guard
from otelmon.calls.connection_facts import ConnectionFacts
from otelmon.calls.leaf_spans import LeafSpans
from otelmon.calls.recorder import CallRecorder
from otelmon.hooks.acquiring_stack import acquiring_stack
from otelmon.launch.overhead import OverheadLimit
from otelmon.launch.request_spans import watch_requests
from otelmon.registry import HookRegistry
from otelmon.settings import Settings

STATEMENT = "SELECT a FROM t WHERE b = %s"


@pytest.fixture
def world():
    """Yields a recorder with its registry, its spans and the switches; everything is on again afterwards."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    processor = SimpleSpanProcessor(exporter)
    provider.add_span_processor(processor)
    registry = HookRegistry(Settings(db_diagnostics=True, slow_query_threshold_ms=50))
    watch_requests(provider, registry.requests)
    tracer, events = provider.get_tracer("t"), []
    recorder = CallRecorder(
        registry,
        LeafSpans(tracer, InstrumentationScope("t"), lambda: (processor,)),
        lambda name, *_, **__: events.append(name),
        lambda: ("f", "a.py", 1),
    )
    limit = OverheadLimit(registry, recorder)
    yield SimpleNamespace(
        connection=ConnectionFacts("postgresql"),
        registry=registry,
        recorder=recorder,
        exporter=exporter,
        tracer=tracer,
        limit=limit,
        events=events,
    )
    limit.leave_undone(())


def request(world, calls: int = 10, slow: int = 0) -> None:
    """Makes calls in one request, the last ones slow."""
    with world.tracer.start_as_current_span("request"):
        for number in range(calls):
            call = world.recorder.start(world.connection, STATEMENT)
            call.parameters = (number,)
            if number >= calls - slow:
                call.began_ns -= 100_000_000
            call.end()


def test_spans_of_fast_calls(world) -> None:
    """Slow calls keep their spans; durations count every call; what is missing is counted."""
    world.limit.leave_undone(("spans",))
    request(world, 10, slow=2)
    names = [span.name for span in world.exporter.get_finished_spans()]
    assert len(names) == 3
    assert world.registry.shed.counts() == {"spans": 8}
    assert [sum(each.counts) for each in world.registry.operations.durations.aggregates()] == [10]


def test_digests(world) -> None:
    """No repetition is recognized, and nothing else is different."""
    world.limit.leave_undone(("digests",))
    request(world)
    assert "otelmon.n_plus_one" not in world.events
    assert world.registry.shed.counts() == {"digests": 8}
    assert len(world.exporter.get_finished_spans()) == 11


def test_stacks(world) -> None:
    """A checkout has no stack."""
    assert acquiring_stack(inspect.currentframe())
    world.limit.leave_undone(("stacks",))
    assert acquiring_stack(inspect.currentframe()) == ()
    assert world.registry.shed.counts() == {"stacks": 1}


def test_plans(world) -> None:
    """No plan is asked for."""
    world.limit.leave_undone(("plans",))
    world.registry.sessions.offer(SimpleNamespace(sent=SimpleNamespace(size=1)))
    assert world.registry.sessions.drain_slow() == []
    assert world.registry.shed.counts() == {"plans": 1}


def test_everything_is_taken_up_again(world) -> None:
    """After the squeeze nothing is left undone, and nothing stands where it stood before."""
    world.limit.leave_undone(("plans", "stacks", "digests", "spans"))
    world.limit.leave_undone(())
    request(world)
    assert len(world.exporter.get_finished_spans()) == 11
    assert "otelmon.n_plus_one" in world.events
    assert acquiring_stack(inspect.currentframe())
    assert world.registry.shed.counts() == {}
    assert not {"_shown", "_repeated"} & {*vars(world.recorder), *vars(world.recorder.repeated)}


def test_without_a_limit_nothing_is_measured(world) -> None:
    """No task, nobody in front of the guard."""
    world.limit.start()
    assert world.limit.tasks() == []
    assert guard.call is guard.call_unmeasured


def test_with_a_limit_calls_are_measured_until_it_is_undone(world) -> None:
    """The watch has one task more, and the guard its own call back in the end."""
    registry = HookRegistry(Settings(overhead_limit_ratio=0.01))
    limit = OverheadLimit(registry, world.recorder)
    assert [name for name, _ in limit.tasks()] == ["overhead"]
    limit.start()
    assert guard.call is not guard.call_unmeasured
    limit.after_fork()
    assert guard.call is not guard.call_unmeasured
    limit.undo()
    assert guard.call is guard.call_unmeasured
