"""Counts the requests that one application answers, and tells their spans of the response."""

from __future__ import annotations

from time import perf_counter_ns, time_ns
from typing import TYPE_CHECKING, Any

import flask
from opentelemetry.context import get_current
from opentelemetry.instrumentation.propagators import get_global_response_propagator
from opentelemetry.instrumentation.wsgi import add_response_attributes, default_response_propagation_setter

from otelmon import guard
from otelmon.calls.current_context import surroundings
from otelmon.calls.server_span import ServerSpan

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.hooks.flask.durations import Durations
    from otelmon.hooks.flask.facts import ClientFacts
    from otelmon.hooks.flask.watch import FlaskWatch
    from otelmon.registry.late_sums import LateSum, SumCell

    Environment = dict[str, Any]
    Made = Callable[..., Any]

_BEGIN, _RESPOND, _FINISH = (guard.site(f"hooks.flask.{each}") for each in ("begin", "respond", "finish"))


class Served:
    """Takes part in one request from its arrival to the return of the application."""

    __slots__ = ("_began", "_client", "_is_traced", "_labels", "_received", "_serving")

    def __init__(self, serving: Serving, client: ClientFacts, received: Environment) -> None:
        self._serving = serving
        self._client = client
        self._received = received
        self._is_traced = True
        self._labels = client.labels
        self._began = perf_counter_ns()

    def respond(self, status: str, headers: list[tuple[str, str]]) -> None:
        """Takes the status line of a response whose headers may still be added to."""
        serving = self._serving
        self._is_traced = serving.is_traced()
        if not self._is_traced:
            return
        request = serving.watch.request()
        propagator = get_global_response_propagator()  # type: ignore[no-untyped-call]  # upstream's, untyped
        if propagator:
            propagator.inject(headers, setter=default_response_propagation_setter)
        watch, rule = serving.watch, request.url_rule
        facts = watch.facts.route(self._client, None if rule is None else str(rule))
        span = request.environ.get(watch.names.span)
        if not span:
            self._labels = facts.labels
            watch.span_is_missing(status)
            return
        outcome = facts.outcome(status)
        self._labels = outcome.labels
        if span.__class__ is ServerSpan:
            span.respond(outcome.attributes, outcome.status)
        else:
            add_response_attributes(span, status, headers, {}, watch.mode)

    def finish(self, returned: bool) -> None:
        """Counts the request; its duration where the application has returned and did not raise."""
        elapsed_ns = max(perf_counter_ns() - self._began, 0)
        try:
            if returned and self._is_traced:
                span = self._received.get(self._serving.watch.names.span)
                self._serving.durations.add(elapsed_ns, self._labels, span)
        finally:
            self._serving.active(self._client).add(-1)


class Serving:
    """Counts what one application serves.

    Args:
        watch: what all applications share.
        active: counts requests that are.
        durations: counts what requests take.
        excluded: which addresses are not traced; None for none.
    """

    def __init__(
        self,
        watch: FlaskWatch,
        active: LateSum,
        durations: Durations,
        excluded: Any,  # noqa: ANN401 - upstream's list, untyped
    ) -> None:
        self.watch = watch
        self._active = active
        self.durations = durations
        self._excluded = excluded

    def begin(self, received: Environment) -> Served | None:
        """Begins one request; None where the instrumentation has to do everything."""
        watch = self.watch
        # Where an end is switched off there is no beginning, or requests would seem to go on for ever.
        if not watch.is_on or max(_RESPOND.errors, _FINISH.errors) >= guard.ERRORS_BEFORE_OFF:
            return None
        received[watch.names.start_time] = time_ns()
        client = watch.facts.client(received)
        served = Served(self, client, received)
        self.active(client).add(1)
        return served

    def active(self, client: ClientFacts) -> SumCell:
        """Returns what counts active requests of a kind of client.

        Within a sampled span a counter shows it as an example, and so has to be told while it is current. At the end
        one is where Flask 3.0 and older keep the context of a request for its stream.
        """
        labels = client.active
        if surroundings(get_current()).within.trace_flags.sampled:
            return self._active.at_once(labels)
        return self._active.cell(labels.key, labels)

    def is_traced(self) -> bool:
        """Tells whether there is a current request, and it is to be traced."""
        if not flask.has_request_context():
            return False
        return self._excluded is None or not self._excluded.url_disabled(flask.request.url)


def application(serving: Serving, plain: Made, traced: Made) -> Made:
    """Returns a WSGI application.

    Args:
        serving: counts its requests.
        plain: the application itself.
        traced: the same within the instrumentation's own function, for requests that it has to do.
    """
    begin = serving.begin

    def _wrapped_app(wrapped_app_environ: Any, start_response: Any) -> Any:  # noqa: ANN401 - as WSGI has it
        served = guard.call(_BEGIN, begin, wrapped_app_environ)
        if served is None:
            return traced(wrapped_app_environ, start_response)
        respond = served.respond

        def _start_response(status: Any, headers: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as WSGI has it
            guard.call(_RESPOND, respond, status, headers)
            return start_response(status, headers, *args, **options)

        returned = False
        try:
            result = plain(wrapped_app_environ, _start_response)
            returned = True
        finally:
            guard.call(_FINISH, served.finish, returned)
        return result

    return _wrapped_app
