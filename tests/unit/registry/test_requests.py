"""Which request a span belongs to, and that requests cost a bounded amount of memory."""

from __future__ import annotations

import gc
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from otelmon.calls.connection_facts import ConnectionFacts
from otelmon.calls.failure import Failure
from otelmon.calls.n_plus_one import MOST_ATTEMPTS, MOST_SITES, MOST_STATEMENTS, RepeatedStatements
from otelmon.calls.statement_facts import statement_facts
from otelmon.launch.request_spans import watch_requests
from otelmon.registry.operations import Operations
from otelmon.registry.requests import REQUEST, Requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.trace import Span, Tracer


class Call:
    """Stands for a finished call with what is read of it."""

    connection = ConnectionFacts("postgresql")
    context = None
    batch_size = 0

    def __init__(self, statement: str, parameters: object = ()) -> None:
        self.statement = statement_facts(statement)
        self.parameters = parameters


@pytest.fixture
def requests() -> Requests:
    """Returns a table of few requests."""
    return Requests(limit=100)


@pytest.fixture
def tracer(requests: Requests) -> Tracer:
    """Returns a tracer whose spans belong to requests."""
    provider = TracerProvider(shutdown_on_exit=False)
    watch_requests(provider, requests)
    return provider.get_tracer("t")


def repeated(lines: Any = None) -> RepeatedStatements:
    """Returns what compares calls; each has a line of its own where ``lines`` are given."""
    return RepeatedStatements(
        Operations(10, lambda _: lambda: None),
        lambda *_, **__: None,
        lambda: ("f", "a.py", next(lines) if lines else 1),
    )


def test_children_share_the_request(tracer: Tracer) -> None:
    """A span below others of this process belongs to the outermost one; remote parents are not of this process."""
    remote = trace.NonRecordingSpan(trace.SpanContext(1, 2, is_remote=True, trace_flags=trace.TraceFlags(1)))
    with trace.use_span(remote), tracer.start_as_current_span("server") as root:
        request = vars(root)[REQUEST]
        assert request.root() is root
        with tracer.start_as_current_span("a"), tracer.start_as_current_span("b") as inner:
            assert vars(inner)[REQUEST] is request
    assert vars(tracer.start_span("other"))[REQUEST] is not request


def test_silenced(requests: Requests) -> None:
    """Once it is undone spans belong to nothing any more; a second time adds no second processor."""
    provider = TracerProvider(shutdown_on_exit=False)
    undo = watch_requests(provider, requests)
    undo()
    span = provider.get_tracer("t").start_span("x")
    assert REQUEST not in vars(span)
    watch_requests(provider, requests)
    assert REQUEST in vars(provider.get_tracer("t").start_span("y"))
    watch_requests(object(), requests)()


def test_there_are_only_so_many_requests(tracer: Tracer, requests: Requests) -> None:
    """Requests beyond the limit are not compared; those that are gone make room, ended or not."""
    open_spans = [tracer.start_span("x") for _ in range(300)]
    assert len(requests) == 100
    assert REQUEST not in vars(open_spans[-1])
    open_spans.clear()
    gc.collect()
    assert len(requests) == 0
    requests.clear()
    assert REQUEST in vars(tracer.start_span("x"))


def spend(calls: RepeatedStatements, span: Span, number: int) -> None:
    """Makes calls of as many statements, sites and values as there are."""
    for each in range(number):
        calls.ended(
            Call(f"SELECT a{each} FROM t WHERE b = %s", (each,)), vars(span)[REQUEST], span.get_span_context(), None
        )  # type: ignore[arg-type]  # what is read of it
        calls.ended(Call("SELECT a FROM t WHERE b = %s", (each,)), vars(span)[REQUEST], span.get_span_context(), None)  # type: ignore[arg-type]  # as above


def test_a_request_that_never_ends_stays_small(tracer: Tracer) -> None:
    """Statements and lines of one request are bounded, whatever it goes on to do."""
    calls, span = repeated(iter(range(100_000))), tracer.start_span("x")
    spend(calls, span, 2 * MOST_STATEMENTS)
    request = vars(span)[REQUEST]
    assert len(request.counts) <= MOST_STATEMENTS
    assert len(request.sites) <= MOST_SITES
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    call = Call("SELECT a FROM t WHERE b = %s", (1,))
    for _ in range(20_000):
        calls.ended(call, vars(span)[REQUEST], span.get_span_context(), None)  # type: ignore[arg-type]  # as above
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 50_000


def test_the_common_case_is_cheap(tracer: Tracer) -> None:
    """A call whose statement is already known to repeat costs less than a microsecond on an idle machine."""
    calls, span = repeated(), tracer.start_span("x")
    request, within = vars(span)[REQUEST], span.get_span_context()
    call: Any = Call("SELECT a FROM t WHERE b = %s", (1,))
    for _ in range(2000):
        calls.ended(call, request, within, None)
    best = min(_seconds(lambda: calls.ended(call, request, within, None)) for _ in range(5))
    # Half a microsecond is asked for, see `python -m benchmarks.statements`; busy machines get ten times that.
    assert best / 10_000 < 5e-6


def _seconds(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(10_000):
        step()
    return time.perf_counter() - began


def test_failed_attempts_are_bounded(tracer: Tracer) -> None:
    """However many statements fail in one request, only so many are remembered."""
    calls, span = repeated(), tracer.start_span("x")
    request, failure = vars(span)[REQUEST], Failure("40001", "E", "")
    for each in range(2 * MOST_ATTEMPTS):
        call: Any = Call(f"SELECT a{each} FROM t WHERE b = %s")
        assert calls.ended(call, request, span.get_span_context(), failure) == 0
    assert len(request.attempts) == MOST_ATTEMPTS
