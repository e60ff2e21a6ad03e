"""Begins the spans of one application's requests, where its instrumentation would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.context import set_value
from opentelemetry.instrumentation.wsgi import get_default_span_name, wsgi_getter
from opentelemetry.propagate import extract
from opentelemetry.trace import INVALID_SPAN, get_current_span, set_span_in_context

from otelmon import guard
from otelmon.hooks.flask.begun import BegunRequest
from otelmon.hooks.flask.facts import varying
from otelmon.rules.span_name import redact_span_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opentelemetry.context import Context

    from otelmon.calls.server_spans import ServerSpans
    from otelmon.hooks.flask.watch import FlaskWatch

_BEGIN = guard.site("hooks.flask.begin_span")
# What SQL comments name of a request, and by which name they find it.
_TAGS = ("framework", "controller", "route")
_COMMENT = "SQLCOMMENTER_ORM_TAGS_AND_VALUES"


class RequestSpans:
    """Begins the spans of one application's requests.

    Args:
        watch: what all applications share.
        spans: starts them.
        excluded: which addresses are not traced; None for none.
        comment: which of ``framework``, ``controller`` and ``route`` SQL comments may name; None where there are none.
    """

    def __init__(
        self,
        watch: FlaskWatch,
        spans: ServerSpans,
        excluded: Any,  # noqa: ANN401 - upstream's list, untyped
        comment: Mapping[str, Any] | None,
    ) -> None:
        self._watch = watch
        self._spans = spans
        self._excluded = excluded
        self._comment = None if comment is None else {key: comment.get(key, True) for key in _TAGS}

    def begin(self) -> bool:
        """Begins the span of the current request; False where the instrumentation has to."""
        watch = self._watch
        # Below another span it is no server's, and whoever listens to every span wants the SDK's own.
        if not (watch.is_on and self._spans.takers()) or get_current_span() is not INVALID_SPAN:
            return False
        request = watch.request()
        if self._excluded is not None and self._excluded.url_disabled(request.url):
            return True
        received, names = request.environ, watch.names
        rule = request.url_rule
        route = None if rule is None else rule.rule
        facts = watch.facts.route(watch.facts.client(received), route)
        name, shown = facts.name, facts.shown_name
        if route is None:
            name = get_default_span_name(received)
            shown = redact_span_name(name, database=False)
        own = varying(received)
        context = extract(received, getter=wsgi_getter)
        started = received.get(names.start_time)
        span = self._spans.start(
            name, shown, {**facts.first, **own, **facts.last}, facts.prepared, own, context, started
        )
        within = set_span_in_context(span, self._commented(context, request, route))
        received[names.request] = watch.identity()
        received[names.span] = span
        received[names.activation] = BegunRequest(span, within)
        return True

    def _commented(self, context: Context, request: Any, route: str | None) -> Context:  # noqa: ANN401 - any version's
        comment = self._comment
        if comment is None:
            return context
        told: dict[str, str] = {}
        if comment["framework"]:
            told["framework"] = self._watch.framework
        if comment["controller"] and request.endpoint:
            told["controller"] = request.endpoint
        if comment["route"] and route:
            told["route"] = route
        return set_value(_COMMENT, told, context)


def beginning(spans: RequestSpans, theirs: Callable[[], None]) -> Callable[[], None]:
    """Returns what runs before each request.

    Args:
        spans: begins them.
        theirs: the instrumentation's own function, for requests that it has to trace by itself.
    """

    def _before_request() -> None:
        if not guard.call(_BEGIN, spans.begin):
            theirs()

    return _before_request
