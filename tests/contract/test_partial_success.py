"""Our reading of a receiver's answer says what the official decoder says."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from otelmon.exporters.partial_success import rejected_spans


def official(answer: bytes) -> int:
    """Returns the number by the official decoder; what it cannot decode has rejected none."""
    response = ExportTraceServiceResponse()
    try:
        response.ParseFromString(answer)
    except Exception:  # noqa: BLE001 - of whatever class
        return 0
    return max(0, response.partial_success.rejected_spans)


@given(st.integers(-(2**63), 2**63 - 1), st.text())
def test_number_is_read(rejected: int, message: str) -> None:
    """Whatever a receiver may say; a negative number is none."""
    answer = ExportTraceServiceResponse()
    answer.partial_success.rejected_spans = rejected
    answer.partial_success.error_message = message
    assert rejected_spans(answer.SerializeToString()) == official(answer.SerializeToString()) == max(0, rejected)


@given(st.binary(max_size=64))
@example(b"")
@example(bytes(65_536))
@example(b"{}")
@example(b"\x0a\x02\x08")
@example(b"\x0a\x00\x08\x05")
def test_anything_can_be_answered(answer: bytes) -> None:
    """No answer raises, and none is said to have rejected more than the official decoder says."""
    assert rejected_spans(answer) in {0, official(answer)}


@given(st.integers(1, 1000), st.integers(0, 40))
def test_a_cut_answer_has_rejected_none_or_the_same(rejected: int, at: int) -> None:
    """Wherever an answer breaks off, no other number comes of it."""
    answer = ExportTraceServiceResponse()
    answer.partial_success.rejected_spans = rejected
    answer.partial_success.error_message = "x" * 20
    assert rejected_spans(answer.SerializeToString()[:at]) in {0, rejected}


@pytest.mark.parametrize("answer", [b"\x0a\x03\x08\x96\x01", b"\x12\x00\x0a\x03\x08\x96\x01"])
def test_known_bytes(answer: bytes) -> None:
    """150, as the page of the encoding spells it."""
    assert rejected_spans(answer) == 150
