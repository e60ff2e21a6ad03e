"""Protobuf's wire format, as far as OTLP's spans need it.

Source: https://protobuf.dev/programming-guides/encoding/ and opentelemetry-proto's common.proto, release 1.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST = 2**63
_DOUBLE = Struct("<d").pack
_ONE_BYTE = tuple(bytes((number,)) for number in range(128))


class NotEncodable(Exception):  # noqa: N818 - it is no error: the official encoder takes what this one does not know
    """Says that a value is of a kind that only the official encoder knows."""


def varint(number: int) -> bytes:
    """Returns a number from 0 to 2**64 - 1 as a base-128 varint."""
    if number < 128:  # noqa: PLR2004 - what seven bits hold
        return _ONE_BYTE[number]
    encoded = bytearray()
    while number > 127:  # noqa: PLR2004 - as above
        encoded.append(number & 127 | 128)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def delimited(tag: bytes, content: bytes) -> bytes:
    """Returns a field of length and content."""
    return tag + varint(len(content)) + content


def text(tag: bytes, value: str) -> bytes:
    """Returns a field of text, nothing where it is empty.

    Raises:
        UnicodeEncodeError: where the text holds half of a surrogate pair.
    """
    return delimited(tag, value.encode()) if value else b""


def count(tag: bytes, number: int) -> bytes:
    """Returns a field of a number, nothing where it is 0."""
    return tag + varint(number) if number else b""


def pair(tag: bytes, key: str, value: object) -> bytes:
    """Returns one attribute, a KeyValue.

    Raises:
        NotEncodable: where key or value are not of an attribute's own types.
        UnicodeEncodeError: as ``text``.
    """
    if type(key) is not str:
        raise NotEncodable
    return delimited(tag, text(b"\x0a", key) + delimited(b"\x12", any_value(value)))


def any_value(value: object) -> bytes:
    """Returns a value as AnyValue; subclasses, mappings and numbers beyond 64 bit are left to the official encoder.

    Raises:
        NotEncodable: for those.
        UnicodeEncodeError: as ``text``.
    """
    kind = type(value)
    if kind is str:
        return delimited(b"\x0a", value.encode())  # type: ignore[attr-defined]  # kind is str
    if kind is bool:
        return b"\x10\x01" if value else b"\x10\x00"
    if kind is int:
        number: int = value  # type: ignore[assignment]  # kind is int
        if not -_LARGEST <= number < _LARGEST:
            raise NotEncodable
        return b"\x18" + varint(number & 0xFFFF_FFFF_FFFF_FFFF)
    if kind is float:
        return b"\x21" + _DOUBLE(value)
    if kind is bytes:
        return delimited(b"\x3a", value)  # type: ignore[arg-type]  # kind is bytes
    if kind is tuple or kind is list:
        return delimited(b"\x2a", b"".join([delimited(b"\x0a", any_value(each)) for each in value]))  # type: ignore[attr-defined]  # a sequence
    raise NotEncodable


def pairs(tag: bytes, attributes: Mapping[str, object] | None) -> bytes:
    """Returns attributes in their order.

    Raises:
        NotEncodable, UnicodeEncodeError: as ``pair``.
    """
    if not attributes:
        return b""
    return b"".join([pair(tag, key, value) for key, value in attributes.items()])
