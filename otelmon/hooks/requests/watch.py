"""Begins and ends what requests sends."""

from __future__ import annotations

import time
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from opentelemetry.context import (
    _SUPPRESS_HTTP_INSTRUMENTATION_KEY,
    attach,
    detach,
    get_current,
    set_value,
)
from opentelemetry.propagate import inject
from opentelemetry.trace import Status, StatusCode, set_span_in_context

from otelmon import guard
from otelmon.calls.current_context import surroundings
from otelmon.calls.leaf_spans import UNSET
from otelmon.calls.pending_span import PendingSpan
from otelmon.hooks.requests.facts import FactsTable
from otelmon.rules.keep_reason import keep_reason
from otelmon.rules.slow_operation import slow_from_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextvars import Token
    from types import TracebackType

    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.sdk.trace import Tracer as SdkTracer

    from otelmon.hooks.http_durations import CountedDurations, RecordedDurations
    from otelmon.hooks.requests.facts import Outcome, RequestFacts
    from otelmon.registry import HookRegistry

    Takers = Callable[[], Sequence[SpanProcessor]]

_FINISH = guard.site("hooks.requests.finish")


class RequestsWatch:
    """Makes the calls of one instrumentation.

    Args:
        tracer: that of the instrumentation.
        takers: returns what takes finished spans now, nothing where the SDK has to make the span.
        durations: takes how long requests took.
        excluded: which addresses are not traced; None for none.
        registry: its settings hold the threshold of slow requests.
    """

    def __init__(
        self,
        tracer: SdkTracer,
        takers: Takers,
        durations: CountedDurations | RecordedDurations,
        excluded: Any,  # noqa: ANN401 - upstream's list, untyped
        registry: HookRegistry,
    ) -> None:
        self.is_on = True
        self.tracer = tracer
        self.takers = takers
        self.durations = durations
        self.threshold_ms = registry.settings.slow_http_threshold_ms
        self.slow_from_ns = slow_from_ns(self.threshold_ms)
        self._excluded = excluded
        self._facts = FactsTable()

    def begin(self, request: Any) -> HttpCall | None:  # noqa: ANN401 - any version's prepared request
        """Begins one request, whose headers are added to; None where the instrumentation has to trace it by itself."""
        context = get_current()
        here = surroundings(context)
        if not (self.is_on and here.is_sampled and here.is_wanted):
            return None
        if context.get(_SUPPRESS_HTTP_INSTRUMENTATION_KEY) or not self.takers():
            return None
        headers, url = request.headers, request.url
        if headers is None or (self._excluded and self._excluded.url_disabled(url)):
            return None
        facts = self._facts.of(request.method, url, headers.get("User-Agent"))
        span = PendingSpan(self.tracer, facts.name, facts.attributes, here, context, time.time_ns())
        within = set_span_in_context(span, set_value(_SUPPRESS_HTTP_INSTRUMENTATION_KEY, True, context))
        inject(headers, within)
        return HttpCall(self, facts, span, within)


class HttpCall:
    """Times one request, as a context manager around it; an error passes through and is recorded.

    ``response`` is set by whoever sends.
    """

    __slots__ = ("_began_ns", "_facts", "_span", "_token", "_watch", "response")

    def __init__(self, watch: RequestsWatch, facts: RequestFacts, span: PendingSpan, within: Context) -> None:
        self._watch = watch
        self._facts = facts
        self._span = span
        self.response: Any = None
        self._token: Token[Context] = attach(within)
        self._began_ns = perf_counter_ns()

    def __enter__(self) -> HttpCall:  # noqa: PYI034 - Self is in typing from Python 3.11 on
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        elapsed_ns = perf_counter_ns() - self._began_ns
        try:
            guard.call(_FINISH, self._finish, elapsed_ns, error)
        finally:
            detach(self._token)

    def _finish(self, elapsed_ns: int, error: BaseException | None) -> None:
        # What is no error to the language, such as the end of a greenlet, is none here either.
        if error is not None and not isinstance(error, Exception):
            self._span.end(self._span.start_time + elapsed_ns)
            return
        outcome = self._facts.outcome(self.response if error is None else getattr(error, "response", None))
        if error is not None:
            self._failed(elapsed_ns, error, outcome)
            return
        watch, span = self._watch, self._span
        watch.durations.add(elapsed_ns, outcome.labels, outcome.key, span.get_span_context())
        more = span.own
        if more or elapsed_ns >= watch.slow_from_ns or outcome.status is not UNSET:
            more = {**more, **self._marks(more, elapsed_ns, outcome)}
        span.finish(watch.takers(), outcome.attributes, more, outcome.status, span.start_time + elapsed_ns)

    def _marks(
        self, own: Mapping[str, object], elapsed_ns: int, outcome: Outcome
    ) -> dict[str, str | int | float | bool]:
        """Returns the marks that a processor would put on the SDK's span: processors/marks.py."""
        slow = elapsed_ns >= self._watch.slow_from_ns
        reason = keep_reason(
            error=outcome.status is not UNSET,
            throttled="otelmon.github.throttle" in own,
            slow_db=False,
            slow_http=slow,
            leak=False,
        )
        marks: dict[str, str | int | float | bool] = {}
        if slow:
            marks |= {"otelmon.slow": True, "otelmon.slow_threshold_ms": self._watch.threshold_ms}
        if reason is not None and "otelmon.keep" not in own:
            marks["otelmon.keep"] = reason
        return marks

    def _failed(self, elapsed_ns: int, error: Exception, outcome: Outcome) -> None:
        """Ends the span as the SDK ends one that an exception leaves; it is marked and redacted like any other."""
        # Not the module's name, as the instrumentation has it.
        failure: dict[str, str | int] = {"error.type": type(error).__qualname__}
        labels = outcome.labels | failure
        self._watch.durations.add(elapsed_ns, labels, frozenset(labels.items()), self._span.get_span_context())
        span = self._span.started()
        span.set_attributes({**outcome.attributes, **failure})
        span.record_exception(error)
        span.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {error}"))
        span.end(self._span.start_time + elapsed_ns)
