"""Knows the spans that were open around a fork, which a child that leaves their blocks must not send as its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry import trace

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Span

# Ids are unique, so that none has to be forgotten; a child that forks in turn has its own on top of its parent's.
_ids: set[int] = set()


def note_inherited(root: Span | None) -> None:
    """Notes, in a forked child, the current span, the one above it, and the outermost; others between are not known.

    Args:
        root: the outermost span of the current request, None where there is none.
    """
    current = trace.get_current_span()
    parent = getattr(current, "parent", None)
    contexts = [current.get_span_context(), parent, root.get_span_context() if root is not None else None]
    _ids.update(each.span_id for each in contexts if each is not None and each.is_valid and not each.is_remote)


def is_inherited(span: ReadableSpan) -> bool:
    """Tells whether a span that ends here began before the fork that made this process."""
    return bool(_ids) and span.context is not None and span.context.span_id in _ids
