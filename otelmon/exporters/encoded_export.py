"""Sends spans that our own encoder has encoded, by the SDK's exporter: its address, headers, certificates, compression.

The exporter is given an empty batch, and the session through which it sends puts the body in; so nothing of how OTLP
is set up by environment is written a second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.exporters.span_requests import requests_of
from otelmon.exporters.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    from otelmon.exporters.session import DeliverySession
    from otelmon.exporters.span_bytes import SpanEncoder


class EncodedExport:
    """Sends a batch in requests of bounded size.

    Args:
        exporter: the SDK's OTLP/HTTP exporter, made with the session.
        session: sends, and knows what became of a request.
        encoder: of this exporter alone.
    """

    def __init__(self, exporter: SpanExporter, session: DeliverySession, encoder: SpanEncoder) -> None:
        self._exporter = exporter
        self._session = session
        self._encoder = encoder

    def __call__(self, spans: Sequence[ReadableSpan]) -> Iterator[tuple[int, SpanExportResult]]:
        """Yields how many spans each request held and what became of it."""
        turns = Turns()
        for number, body in requests_of(self._encoder, taken_from(spans), turns):
            # What requests does before it sends cannot be interrupted.
            turns.take()
            with self._session.sending(body):
                result = self._exporter.export(())
            yield number, result


def taken_from(spans: Sequence[ReadableSpan]) -> Iterable[ReadableSpan]:
    """Returns spans one by one, each of which is let go when the next one is asked for.

    To free a whole batch at once takes milliseconds, in which no other thread runs. The list is the batch processor's,
    which forgets it after the export.
    """
    if not isinstance(spans, list):
        return spans
    spans.reverse()
    return (spans.pop() for _ in range(len(spans)))
