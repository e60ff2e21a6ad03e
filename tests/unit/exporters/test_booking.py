"""What the receiver answered is what the books say."""

from __future__ import annotations

import logging

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.trace import SpanContext, TraceFlags

from otelmon.exporters.booking import BookingSpanExporter, whole
from otelmon.exporters.session import DeliverySession
from otelmon.ledger import Account
from otelmon.processors.marking import marked
from otelmon.settings import Settings
from tests.otlp_sink import OtlpSink


@pytest.fixture
def sink():
    """Yields a real OTLP receiver."""
    receiver = OtlpSink()
    yield receiver
    receiver.close()


def batch(account: Account, size: int = 3) -> list[ReadableSpan]:
    """Returns finished, marked spans."""
    context = SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(1))
    return [
        marked(ReadableSpan("x", context=context, resource=Resource({}), start_time=1, end_time=2), Settings(), account)
        for _ in range(size)
    ]


def exporter_to(endpoint: str, account: Account, session: DeliverySession, timeout: float = 1.0) -> BookingSpanExporter:
    """Returns a booking exporter around the official one."""
    inner = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", session=session, timeout=timeout)
    return BookingSpanExporter(whole(inner.export), account, session, inner.shutdown)


def test_delivered_spans_are_booked_as_delivered(sink: OtlpSink) -> None:
    """A 200 is a delivery."""
    account = Account("otlp")
    with DeliverySession() as session:
        assert exporter_to(sink.endpoint, account, session).export(batch(account)) is SpanExportResult.SUCCESS
    assert (account.counts().delivered, account.counts().queued, len(sink.spans())) == (3, 0, 3)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (302, "http_3xx"),
        (400, "http_4xx"),
        (401, "http_4xx"),
        (413, "too_large"),
        (415, "http_4xx"),
        (500, "http_5xx"),
    ],
)
def test_final_status_is_booked_as_a_loss_and_not_retried(sink: OtlpSink, status: int, reason: str) -> None:
    """A status that must not be retried is a loss with its reason; the SDK alone counts some as sent."""
    sink.status = status
    account = Account("otlp")
    with DeliverySession() as session:
        exporter_to(sink.endpoint, account, session).export(batch(account))
    assert account.counts().lost == {reason: 3}
    assert sink.refused == 1


def test_retryable_status_is_retried_until_it_passes(sink: OtlpSink) -> None:
    """A receiver that is busy for a moment loses nothing."""
    sink.statuses = [503, 429]
    account = Account("otlp")
    with DeliverySession() as session:
        exporter_to(sink.endpoint, account, session, timeout=5).export(batch(account))
    assert (account.counts().delivered, sink.refused) == (3, 2)


def test_receiver_that_asks_for_an_hour_does_not_get_it(sink: OtlpSink) -> None:
    """``Retry-After`` beyond the delivery's timeout ends the delivery."""
    sink.status, sink.headers = 503, {"retry-after": "3600"}
    account = Account("otlp")
    with DeliverySession() as session:
        exporter_to(sink.endpoint, account, session).export(batch(account))
    assert account.counts().lost == {"http_5xx": 3}


def test_partial_success_books_the_rejected_spans(sink: OtlpSink) -> None:
    """A 200 that refuses one of three spans delivers two."""
    answer = ExportTraceServiceResponse()
    answer.partial_success.rejected_spans = 1
    sink.answer = answer.SerializeToString()
    account = Account("otlp")
    with DeliverySession() as session:
        exporter_to(sink.endpoint, account, session).export(batch(account))
    assert (account.counts().delivered, account.counts().lost) == (2, {"rejected": 1})


def test_json_answer_refuses_nothing(sink: OtlpSink) -> None:
    """An answer that is not protobuf is not read as one."""
    sink.answer = b'{"partialSuccess":{}}'
    account = Account("otlp")
    with DeliverySession() as session:
        exporter_to(sink.endpoint, account, session).export(batch(account))
    assert account.counts().delivered == 3


def test_absent_receiver_is_refused(sink: OtlpSink) -> None:
    """A closed port is told apart from a silent one."""
    sink.close()
    account = Account("otlp")
    with DeliverySession() as session:
        exporter_to(sink.endpoint, account, session, timeout=0.5).export(batch(account))
    assert account.counts().lost == {"refused": 3}


def test_silent_receiver_is_a_timeout(sink: OtlpSink) -> None:
    """A receiver that does not answer costs the timeout and no more."""
    sink.delay = 30
    account = Account("otlp")
    with DeliverySession() as session:
        exporter_to(sink.endpoint, account, session, timeout=0.2).export(batch(account))
    assert account.counts().lost == {"timeout": 3}


def test_loss_is_said_once_when_it_begins_and_once_when_it_ends(sink: OtlpSink, caplog) -> None:
    """An outage gives two lines, however many batches it costs."""
    account = Account("otlp")
    with DeliverySession() as session, caplog.at_level(logging.WARNING, "otelmon"):
        exporter = exporter_to(sink.endpoint, account, session)
        for status in (400, 400, 400, 200, 200):
            sink.status = status
            exporter.export(batch(account))
    ours = [message for message in caplog.messages if message.startswith("spans_lost")]
    assert ours == ["spans_lost_begins exporter=otlp reason=http_4xx", "spans_lost_ends exporter=otlp lost=9"]


@pytest.mark.parametrize(
    ("result", "delivered", "lost"),
    [(SpanExportResult.SUCCESS, 3, {}), (SpanExportResult.FAILURE, 0, {"failed": 3})],
)
def test_foreign_exporter_is_booked_by_its_result(result, delivered: int, lost: dict) -> None:
    """Without a session of ours the exporter's own word is all there is."""
    account = Account("foreign")
    BookingSpanExporter(whole(lambda _: result), account).export(batch(account))
    assert (account.counts().delivered, account.counts().lost) == (delivered, lost)


def test_exception_of_an_exporter_is_booked_and_passes() -> None:
    """The SDK logs what an exporter raises; the books still balance."""
    account = Account("foreign")

    def fail(_: object) -> SpanExportResult:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        BookingSpanExporter(whole(fail), account).export(batch(account))
    assert account.counts().lost == {"failed": 3}


def test_export_after_the_shutdown_is_lost_to_it() -> None:
    """What comes too late has that reason."""
    account = Account("otlp")
    account.closed = True
    with DeliverySession() as session:
        BookingSpanExporter(whole(lambda _: SpanExportResult.FAILURE), account, session).export(batch(account))
    assert account.counts().lost == {"shutdown": 3}


def test_shutdown_closes_and_flush_has_nothing_to_do() -> None:
    """The wrapped exporter is closed once."""
    closed = []
    exporter = BookingSpanExporter(
        whole(lambda _: SpanExportResult.SUCCESS), Account("x"), None, lambda: closed.append(1)
    )
    assert exporter.force_flush()
    exporter.shutdown()
    assert closed == [1]
