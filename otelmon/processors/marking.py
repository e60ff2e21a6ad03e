"""Hands finished spans to an exporting processor as marked, redacted copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor

from otelmon import guard
from otelmon.processors.inherited_spans import is_inherited
from otelmon.processors.marked_span import MarkedSpan
from otelmon.processors.marks import marks_of

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import Span

    from otelmon.ledger import Account
    from otelmon.settings import Settings

_MARK = guard.site("processors.mark")


def marked(span: ReadableSpan, settings: Settings, account: Account | None) -> ReadableSpan:
    """Returns the marked copy of a sampled span and books it as started; other spans come back as they are.

    A span that is marked already keeps its marks, so that two processors in a row do no harm. Where marking fails, the
    span still leaves redacted, without marks.
    """
    # Leaf spans of our own are made sampled and with their marks; the first account to ask books them as they are.
    known = getattr(span, "is_redacted", False)
    if known and (account is None or span.book(account)):  # type: ignore[attr-defined]  # the two come together
        return span
    context = span.context
    if context is None or not context.trace_flags.sampled or isinstance(span, MarkedSpan):
        return span
    marks = {} if known else guard.call(_MARK, marks_of, span, settings) or {}
    if account is not None:
        account.start()
    return MarkedSpan(span, marks, settings.sql_text, account)


class MarkingSpanProcessor(SpanProcessor):
    """Delegates to an exporting processor and gives it marked spans instead of the originals."""

    def __init__(self, delegate: SpanProcessor, settings: Settings, account: Account) -> None:
        self._delegate = delegate
        self._settings = settings
        self._account = account

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Passes the start of a span on."""
        self._delegate.on_start(span, parent_context)

    def on_end(self, span: ReadableSpan) -> None:
        """Passes the end of a span on, marked; a forked child has nothing to say of what began in its parent."""
        if not is_inherited(span):
            self._delegate.on_end(marked(span, self._settings, self._account))

    def shutdown(self) -> None:
        """Shuts the delegate down; spans that it lets go from now on are lost to the shutdown."""
        self._account.closed = True
        self._delegate.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Flushes the delegate."""
        return self._delegate.force_flush(timeout_millis)
