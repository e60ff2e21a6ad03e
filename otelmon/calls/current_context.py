"""What the current context says of calls made in it, asked once for a context and not once for a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.context import get_current
from opentelemetry.instrumentation.utils import is_instrumentation_enabled
from opentelemetry.trace import SpanKind

from otelmon.registry.requests import REQUEST

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import SpanContext

    from otelmon.registry.requests import Request

# The name in a context's instance dictionary: a context never changes, and what it says goes with it.
_SAID = "_otelmon_said"


def is_local(context: SpanContext) -> bool:
    """Tells whether an identity is that of a span of this process."""
    return context.is_valid and not context.is_remote


class Surroundings:
    """Holds what a context says.

    ``within`` is the identity of its span; ``is_wanted`` whether calls are to be observed, which they are not where
    instrumentation is suppressed; ``is_unsampled`` whether it is below a span of this process that is not sampled, so
    that nothing below it is, ``is_sampled`` whether below one that is (elsewhere the provider's sampler decides);
    ``request`` what is kept of the request.
    """

    __slots__ = ("_route", "_server", "is_sampled", "is_unsampled", "is_wanted", "request", "within")

    def __init__(self, context: Context) -> None:
        span = trace.get_current_span(context)
        self.within = span.get_span_context()
        self.is_sampled = is_local(self.within) and self.within.trace_flags.sampled
        self.is_unsampled = is_local(self.within) and not self.is_sampled
        self.request: Request | None = getattr(span, REQUEST, None)
        # It looks at the current context; another one is only asked about at the end of a call, which was wanted.
        self.is_wanted = is_instrumentation_enabled()
        self._server = span if getattr(span, "kind", None) is SpanKind.SERVER else None
        self._route = ""

    def route(self) -> str:
        """Returns the route of the request where the span is a server's, empty where it is not known yet."""
        if self._server is None or self._route:
            return self._route
        known = getattr(self._server, "attributes", None)
        route = known.get("http.route") if known else None
        if isinstance(route, str):
            self._route = route
        return self._route


def surroundings(context: Context) -> Surroundings:
    """Returns what a context says."""
    said: Surroundings | None = getattr(context, _SAID, None)
    if said is None:
        said = Surroundings(context)
        context.__dict__[_SAID] = said
    return said


def current_surroundings() -> Surroundings:
    """Returns what the current context says."""
    return surroundings(get_current())


def is_wanted() -> bool:
    """Tells whether calls are to be observed in the current context."""
    return surroundings(get_current()).is_wanted
