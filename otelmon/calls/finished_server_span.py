"""A finished span of a request that this process answers."""

from __future__ import annotations

from typing import Any

from opentelemetry.trace import SpanKind

from otelmon.calls.leaf_span import LeafSpan


class FinishedServerSpan(LeafSpan):
    """A finished span of a request, without literals and secrets, marked already."""

    kind = SpanKind.SERVER
    # The sampler's; a remote parent may have another one.
    own_trace_state: Any = None

    @property
    def trace_state(self) -> Any:  # noqa: ANN401 - as the API's own
        """Returns the state of the trace."""
        return self.own_trace_state
