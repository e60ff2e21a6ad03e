"""Reports pooled connections that were not given back: a span in the trace of the checkout, and an event."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from opentelemetry.trace import SpanKind

from otelmon.watch.checkout_facts import Attributes, context_of, held_attributes, ids_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from opentelemetry.trace import Tracer

    from otelmon.records import Holder, LateReturn, Leak
    from otelmon.registry.promoted import PromotedSpans
    from otelmon.watch.checkout_facts import Emit

LEAKED = "otelmon.connection.leaked"
RETURNED_LATE = "otelmon.connection.returned_late"
BUSY = "otelmon.connection.busy"


def leak_attributes(leak: Leak) -> Attributes:
    """Returns the facts of a leaked connection as scalars: pool, kind, seconds held, and who took it."""
    return held_attributes(leak.checkout, leak.held_ns, leak.kind)


def report_leaks(leaks: Iterable[Leak], tracer: Tracer, emit: Emit, promoted: PromotedSpans) -> None:
    """Reports each leak; its span runs from the checkout until now, and is sent whatever the head sampler says.

    Args:
        leaks: not reported before.
        tracer: makes the span ``connection leaked``, marked with ``otelmon.keep`` = ``leak``.
        emit: takes an event's name, attributes, trace id and span id.
        promoted: takes the span of a leak in a trace that is not sampled.
    """
    for leak in leaks:
        now_ns = time.time_ns()
        attributes = leak_attributes(leak)
        span = tracer.start_span(
            "connection leaked",
            context=context_of(leak.checkout),
            kind=SpanKind.INTERNAL,
            attributes={**attributes, "otelmon.keep": "leak"},
            start_time=now_ns - leak.held_ns,
        )
        emit(LEAKED, attributes, **ids_of(leak.checkout))
        context = span.get_span_context()
        if not context.trace_flags.sampled:
            promoted.add(context.span_id)
        span.end(now_ns)


def report_late_returns(late: Iterable[LateReturn], emit: Emit) -> None:
    """Takes a report back: the connection was only held for long."""
    for each in late:
        checkout = each.leak.checkout
        emit(RETURNED_LATE, held_attributes(checkout, each.held_ns, each.leak.kind), **ids_of(checkout))


def report_busy(busy: Iterable[Holder], emit: Emit) -> None:
    """Tells of connections that are out for long because a statement runs on them, which is no leak."""
    for each in busy:
        emit(BUSY, held_attributes(each.checkout, each.held_ns, "busy"), **ids_of(each.checkout))
