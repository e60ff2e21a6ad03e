"""Measures what comparing the calls of one request costs: ``python -m benchmarks.statements``.

Each figure is the fastest of some rounds, in one process, without a database.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import TracerProvider

from otelmon.calls.connection_facts import ConnectionFacts
from otelmon.calls.database_call import DatabaseCall
from otelmon.calls.in_flight import InFlight
from otelmon.calls.n_plus_one import RepeatedStatements
from otelmon.calls.statement_facts import statement_facts
from otelmon.launch.request_spans import watch_requests
from otelmon.registry.operations import Operations
from otelmon.registry.requests import REQUEST, Requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.trace import Tracer

ROUNDS, CALLS = 9, 50_000


class Nowhere:
    """Takes calls and does nothing with them."""

    in_flight = InFlight()

    def finish(self, call: DatabaseCall, error: BaseException | None) -> None:
        """Records nothing."""


def microseconds(work: Callable[[], object], calls: int = CALLS) -> float:
    """Returns the time of one call."""
    best = min(_seconds(work, calls) for _ in range(ROUNDS)) - min(_seconds(int, calls) for _ in range(ROUNDS))
    return best / calls * 1e6


def _seconds(work: Callable[[], object], calls: int) -> float:
    began = time.perf_counter()
    for _ in range(calls):
        work()
    return time.perf_counter() - began


def tracer(*, watched: bool) -> Tracer:
    """Returns a tracer whose spans are told which request they belong to, or not."""
    provider = TracerProvider(shutdown_on_exit=False)
    if watched:
        watch_requests(provider, Requests())
    return provider.get_tracer("benchmark")


def start_of_a_span(*, watched: bool) -> float:
    """Returns the time of a start in microseconds."""
    made = tracer(watched=watched)
    return microseconds(lambda: made.start_span("x"), 5000)


def main() -> None:
    """Prints the figures."""
    repeated = RepeatedStatements(
        Operations(2000, lambda _: lambda: None),
        lambda *_arguments, **_options: None,
        lambda: ("f", "a.py", 1),
    )
    call = DatabaseCall(Nowhere(), ConnectionFacts("postgresql"), statement_facts("SELECT a FROM t WHERE b = %s"))
    call.parameters = (1,)
    root = tracer(watched=True).start_span("request")
    request, within = vars(root)[REQUEST], root.get_span_context()
    step = microseconds(lambda: repeated.ended(call, request, within, None))
    bare, watched = start_of_a_span(watched=False), start_of_a_span(watched=True)
    print(f"one call of a statement that is known to repeat  {step:.2f} us")
    print(f"start of a request's span, added to {bare:.1f} us       {watched - bare:.1f} us")


if __name__ == "__main__":
    main()
