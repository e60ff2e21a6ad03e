"""Reads how many spans a receiver has rejected, from whatever it has answered.

Of the answer two numbered fields are of interest, so they are read here; the official decoder raises where an answer is
no protobuf, with an exception of a package that this half does not import. tests/contract/test_partial_success.py holds
both side by side. Source: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# https://github.com/open-telemetry/opentelemetry-proto: partial_success of the response, rejected_spans of that.
_PARTIAL_SUCCESS = _REJECTED_SPANS = 1
_VARINT, _LENGTH = 0, 2
_FIXED = {1: 8, 5: 4}
_LARGEST = 2**63 - 1


def rejected_spans(answer: bytes) -> int:
    """Returns the number that an ``ExportTraceServiceResponse`` names; what cannot be read has rejected none."""
    try:
        parts = [value for number, value in _fields(answer) if number == _PARTIAL_SUCCESS and isinstance(value, bytes)]
        named = [value for part in parts for number, value in _fields(part) if number == _REJECTED_SPANS]
    except (IndexError, ValueError):
        return 0
    last = next((value for value in reversed(named) if isinstance(value, int)), 0)
    return last if last <= _LARGEST else 0


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yields number and value of each field; raises IndexError or ValueError where it is cut or none."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        if not key >> 3:
            raise ValueError("no field has the number 0")
        value, at = _value(message, at, key & 7)
        yield key >> 3, value


def _value(message: bytes, at: int, kind: int) -> tuple[int | bytes, int]:
    """Returns the value of a field and where it ends."""
    if kind == _VARINT:
        return _varint(message, at)
    length, at = _varint(message, at) if kind == _LENGTH else (_FIXED.get(kind, -1), at)
    if length < 0 or at + length > len(message):
        raise ValueError("cut, or of a kind that is not used any more")
    return message[at : at + length], at + length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """Returns a number of up to 64 bits and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the bit that says that more follows
            return value & (2**64 - 1), at
        shift += 7
        if shift > 63:  # noqa: PLR2004 - ten bytes are the most
            raise ValueError("too long for a number")
