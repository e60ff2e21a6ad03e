"""Marks the spans of exporting processors that otelmon did not set up, also of those added later.

``on_end`` and ``shutdown`` of the SDK's two public exporting processors are wrapped once, on their classes; the
exporters, the resource and everything else that the user or a vendor chose stay as they are.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

from otelmon import guard
from otelmon.exporters.booking import BookingSpanExporter, whole
from otelmon.launch.configure import exporter_name
from otelmon.processors.inherited_spans import is_inherited
from otelmon.processors.marked_span import MarkedSpan
from otelmon.processors.marking import marked

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.trace import ReadableSpan

    from otelmon.ledger import Account, Ledger
    from otelmon.settings import Settings

_ON_END = guard.site("launch.adopt.on_end")
_SHUTDOWN = guard.site("launch.adopt.shutdown")
ADOPTED = (BatchSpanProcessor, SimpleSpanProcessor)


class Adoption:
    """Wraps the exporting processors' classes, and gives each of their instances an account."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._settings = settings
        self._ledger = ledger
        self._accounts: weakref.WeakKeyDictionary[Any, Account | None] = weakref.WeakKeyDictionary()
        self._undo: list[Callable[[], None]] = []

    def install(self) -> None:
        """Wraps the classes; instances made before and after are treated alike."""
        for cls in ADOPTED:
            self._wrap(cls)

    def undo(self) -> None:
        """Puts the very functions back that were there before, and the exporters' own ``export``."""
        while self._undo:
            self._undo.pop()()
        for processor, account in tuple(self._accounts.items()):
            if account is not None:
                vars(processor.span_exporter).pop("export", None)
        self._accounts.clear()

    def _wrap(self, cls: Any) -> None:  # noqa: ANN401 - one of two classes with the same methods
        on_end, shutdown = cls.__dict__["on_end"], cls.__dict__["shutdown"]

        def marking_on_end(processor: Any, span: ReadableSpan) -> None:  # noqa: ANN401 - as above
            if not is_inherited(span):
                on_end(processor, self._marked(processor, span))

        def booking_shutdown(processor: Any) -> None:  # noqa: ANN401 - as above
            guard.call(_SHUTDOWN, self._close, processor)
            shutdown(processor)

        cls.on_end, cls.shutdown = marking_on_end, booking_shutdown

        def restore() -> None:
            cls.on_end, cls.shutdown = on_end, shutdown

        self._undo.append(restore)

    def _marked(self, processor: Any, span: ReadableSpan) -> ReadableSpan:  # noqa: ANN401 - as above
        # What MarkingSpanProcessor hands to its own processor, whose exporter books, has been prepared by it.
        if isinstance(span, MarkedSpan):
            return span
        prepared = guard.call(_ON_END, self._prepare, processor, span)
        # Where our own code fails the span still must not leave with its literals.
        return prepared if prepared is not None else MarkedSpan(span, {}, self._settings.sql_text, None)

    def _prepare(self, processor: Any, span: ReadableSpan) -> ReadableSpan:  # noqa: ANN401 - as above
        if processor not in self._accounts:
            self._accounts[processor] = self._open(processor)
        return marked(span, self._settings, self._accounts[processor])

    def _open(self, processor: Any) -> Account | None:  # noqa: ANN401 - as above
        """Opens an account and books what the processor's exporter says; None where the exporter cannot be wrapped."""
        exporter = processor.span_exporter
        if isinstance(exporter, BookingSpanExporter) or not hasattr(exporter, "__dict__"):
            return None
        account = self._ledger.open(exporter_name(exporter))
        exporter.export = BookingSpanExporter(whole(exporter.export), account).export
        return account

    def _close(self, processor: Any) -> None:  # noqa: ANN401 - as above
        account = self._accounts.get(processor)
        if account is not None:
            account.closed = True
