"""What the current context says of calls made in it, asked once for a context and not once for a call."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.context import get_current
from opentelemetry.instrumentation.utils import is_instrumentation_enabled
from opentelemetry.trace import INVALID_SPAN_CONTEXT

from otelmon.calls.leaf_spans import is_local
from otelmon.registry.requests import REQUEST

if TYPE_CHECKING:
    from opentelemetry.context import Context

    from otelmon.registry.requests import Request


class CurrentContext(threading.local):
    """Remembers the answers for the last context of each thread, which a request's calls share.

    ``within`` is the identity of its span; ``is_unsampled`` whether it is below a span of this process that is not
    sampled, so that nothing below it is (elsewhere the provider's sampler decides); ``request`` what is kept of the
    request. A context never changes; a weak reference keeps nothing alive that the application puts into it.
    """

    def __init__(self) -> None:
        self._known: weakref.ref[Context] | None = None
        self._is_wanted = True
        self.within = INVALID_SPAN_CONTEXT
        self.is_unsampled = False
        self.request: Request | None = None

    def is_wanted(self) -> bool:
        """Tells whether calls are to be observed here: not where instrumentation is suppressed."""
        context = get_current()
        if self._known is None or self._known() is not context:
            self._learn(context)
        return self._is_wanted

    def look(self, context: Context) -> None:
        """Lets the fields speak of a context."""
        if self._known is None or self._known() is not context:
            self._learn(context)

    def _learn(self, context: Context) -> None:
        span = trace.get_current_span(context)
        self.within = span.get_span_context()
        self.is_unsampled = is_local(self.within) and not self.within.trace_flags.sampled
        self.request = getattr(span, REQUEST, None)
        # It looks at the current context; another one is only asked about at the end of a call, which was wanted.
        self._is_wanted = is_instrumentation_enabled()
        self._known = weakref.ref(context)
