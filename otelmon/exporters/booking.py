"""Wraps a span exporter so that the ledger says what was delivered and what was lost, and why."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from otelmon import guard
from otelmon.exporters.partial_success import rejected_spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from opentelemetry.sdk.trace import ReadableSpan

    from otelmon.exporters.session import DeliverySession
    from otelmon.ledger import Account, LossReason

_logger = logging.getLogger("otelmon")
_BOOK = guard.site("exporters.book")


class BookingSpanExporter(SpanExporter):
    """Delegates to an exporter and books each request; with a session of ours it knows the reason of a loss.

    Args:
        export: sends a batch in one request or several, and yields how many spans each held and what became of it.
        account: where it is booked.
        session: that the requests go through.
        close: shuts the exporter down.
    """

    def __init__(
        self,
        export: Callable[[Sequence[ReadableSpan]], Iterable[tuple[int, SpanExportResult]]],
        account: Account,
        session: DeliverySession | None = None,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._export = export
        self._account = account
        self._session = session
        self._close = close
        self._losing = False
        self._overflown = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Exports and books; an exception of the exporter passes after having been booked."""
        for settle in [span.settle for span in spans if hasattr(span, "settle")]:
            settle()
        if self._session is not None:
            self._session.forget()
        left, result = len(spans), SpanExportResult.SUCCESS
        try:
            for sent, outcome in self._export(spans):
                left -= sent
                guard.call(_BOOK, self._book, sent, outcome)
                result = result if outcome is SpanExportResult.SUCCESS else outcome
        finally:
            guard.call(_BOOK, self._book, left, SpanExportResult.FAILURE)
        return result

    def _book(self, spans: int, result: SpanExportResult) -> None:
        reason: LossReason | None = None
        rejected = 0
        if not spans:
            return
        if self._session is None:
            reason = None if result is SpanExportResult.SUCCESS else "failed"
        elif result is SpanExportResult.SUCCESS:
            reason = self._session.reason
            rejected = min(spans, rejected_spans(self._session.answer))
        else:
            reason = self._session.reason or ("shutdown" if self._account.closed else "failed")
        if reason is None:
            self._account.deliver(spans - rejected)
            self._account.lose("rejected", rejected)
        else:
            self._account.lose(reason, spans)
        self._say_when_loss_begins_and_ends(reason)

    def _say_when_loss_begins_and_ends(self, reason: str | None) -> None:
        """Logs the first lost batch and the first delivered after it, as the specification asks of exporters.

        What a full queue has dropped since the last batch is a loss too, though this batch was delivered.
        """
        overflown = self._account.counts().lost.get("queue_full", 0)
        if overflown > self._overflown:
            reason = reason or "queue_full"
        self._overflown = overflown
        if reason is not None and not self._losing:
            _logger.warning("spans_lost_begins exporter=%s reason=%s", self._account.exporter, reason)
        elif reason is None and self._losing:
            _logger.warning(
                "spans_lost_ends exporter=%s lost=%d", self._account.exporter, sum(self._account.counts().lost.values())
            )
        self._losing = reason is not None

    def shutdown(self) -> None:
        """Shuts the exporter down."""
        self._close()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:  # noqa: ARG002 - the name is the SDK's
        """Returns True: nothing is kept here."""
        return True


def whole(
    export: Callable[[Sequence[ReadableSpan]], SpanExportResult],
) -> Callable[[Sequence[ReadableSpan]], Iterable[tuple[int, SpanExportResult]]]:
    """Returns what an exporter does that sends a batch in one request."""
    return lambda spans: ((len(spans), export(spans)),)
