"""Encodes finished spans as OTLP/protobuf, several times cheaper than the official encoder, which it asks where needed.

Most of a span has been seen before: its name, its resource, nearly every pair of key and value. Their bytes are kept;
identity, times and what is new are added. Whatever is not of a known kind goes to the official encoder, span by span,
so that the result is the same: tests/contract/test_span_bytes.py holds both side by side.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Any

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.trace import StatusCode

from otelmon.exporters.wire import NotEncodable, count, delimited, pair, pairs, text, varint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.trace import Event, ReadableSpan
    from opentelemetry.trace import Link, SpanContext, Status


# Pairs whose bytes are kept, and the longest value that is worth it: about 1 MB at most.
REMEMBERED = 4096
LONGEST_REMEMBERED = 128
REMEMBERED_ORIGINS = 256
ATTRIBUTES = b"\x4a"
# 1, True and 1.0 are equal, and not the same on the wire; of floats, 0.0 and -0.0 are not even.
_REMEMBERED_KINDS = frozenset((str, int, bool))
_TIME = Struct("<cQ").pack
_TIMES = Struct("<cQcQ").pack
# SpanFlags: bit 8 says that bit 9 is set where a parent or a link is remote.
_LOCAL = (0x100).to_bytes(4, "little")
_REMOTE = (0x300).to_bytes(4, "little")


class SpanEncoder:
    """Encodes spans for one exporter; used by one thread at a time."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, type, object], bytes] = {}
        self._names: dict[tuple[str, int], bytes] = {}
        self._origins: dict[tuple[int, int], tuple[object, object, Origin]] = {}

    def sizes(self) -> tuple[int, int, int]:
        """Returns how many pairs, names and origins are remembered."""
        return len(self._pairs), len(self._names), len(self._origins)

    def origin(self, span: ReadableSpan) -> Origin:
        """Returns the encoded resource and scope of a span."""
        key = (id(span.resource), id(span.instrumentation_scope))
        known = self._origins.get(key)
        if known is None:
            if len(self._origins) >= REMEMBERED_ORIGINS:
                self._origins.clear()
            # Both are kept with their bytes, so that nobody else can have their numbers.
            known = self._origins[key] = (span.resource, span.instrumentation_scope, Origin(span))
        return known[2]

    def span(self, span: ReadableSpan) -> bytes:
        """Returns one span as a field of ScopeSpans."""
        try:
            return self._leaf(span) if getattr(span, "is_leaf", False) else self._span(span)
        except (NotEncodable, UnicodeEncodeError):
            return delimited(b"\x12", _officially(span))

    def _leaf(self, span: Any) -> bytes:  # noqa: ANN401 - a LeafSpan, of a room that this one does not know
        """Encodes a span that cannot have events, links, or anything dropped."""
        parent = span.parent
        parts = [
            _identity(span, parent),
            self._name(span.name, span.kind.value),
            _TIMES(b"\x39", span.start_time, b"\x41", span.end_time),
            *[each.encoded or _prepared(each) for each in span.prepared_attributes],
            self._pairs_of(span.more_attributes),
            _status(span.status),
            b"\x85\x01",
            _flags(parent),
        ]
        content = b"".join(parts)
        return b"\x12" + varint(len(content)) + content

    def _span(self, span: ReadableSpan) -> bytes:
        context, parent, start, end = span.get_span_context(), span.parent, span.start_time, span.end_time
        if context is None or not start or not end:
            raise NotEncodable
        parts = [
            _identity(context, parent),
            self._name(span.name, span.kind.value),
            _TIMES(b"\x39", start, b"\x41", end),
            self._pairs_of(span.attributes),
            count(b"\x50", span.dropped_attributes),
            *[_event(event) for event in span.events],
            count(b"\x60", span.dropped_events),
            *[_link(link) for link in span.links],
            count(b"\x70", span.dropped_links),
            _status(span.status),
            b"\x85\x01",
            _flags(parent),
        ]
        return delimited(b"\x12", b"".join(parts))

    def _name(self, name: str, kind: int) -> bytes:
        known = self._names.get((name, kind))
        if known is None:
            # The numbers of OTLP begin with "unspecified", those of the API do not.
            known = text(b"\x2a", name) + count(b"\x30", kind + 1)
            _remember(self._names, (name, kind), known)
        return known

    def _pairs_of(self, attributes: Mapping[str, Any] | None) -> bytes:
        if not attributes:
            return b""
        known = self._pairs
        parts = []
        for key, value in attributes.items():
            kind = value.__class__
            found = known.get((key, kind, value)) if kind in _REMEMBERED_KINDS else None
            parts.append(self._learned(key, kind, value) if found is None else found)
        return b"".join(parts)

    def _learned(self, key: str, kind: type, value: object) -> bytes:
        encoded = pair(ATTRIBUTES, key, value)
        if kind in _REMEMBERED_KINDS:
            _remember(self._pairs, (key, kind, value), encoded)
        return encoded


def _remember(known: dict[Any, bytes], key: object, encoded: bytes) -> None:
    """Keeps bytes that are short enough; of too many all are forgotten, and those in use are soon back."""
    if len(encoded) <= LONGEST_REMEMBERED:
        if len(known) >= REMEMBERED:
            known.clear()
        known[key] = encoded


class Origin:
    """Holds the encoded beginnings of what a resource and a scope have in common, which the official encoder makes."""

    def __init__(self, span: ReadableSpan) -> None:
        made = encode_spans([span]).resource_spans[0]
        scope = made.scope_spans[0]
        self.resource = (delimited(b"\x0a", made.resource.SerializeToString()), text(b"\x1a", made.schema_url))
        self.scope = (delimited(b"\x0a", scope.scope.SerializeToString()), text(b"\x1a", scope.schema_url))


def _identity(context: Any, parent: SpanContext | None) -> bytes:  # noqa: ANN401 - a SpanContext, or a LeafSpan
    own: bytes = b"\x0a\x10" + context.trace_id.to_bytes(16, "big") + b"\x12\x08" + context.span_id.to_bytes(8, "big")
    if context.trace_state:
        own += text(b"\x1a", ",".join(f"{key}={value}" for key, value in context.trace_state.items()))
    return own if parent is None else own + b"\x22\x08" + parent.span_id.to_bytes(8, "big")


def _prepared(attributes: Any) -> bytes:  # noqa: ANN401 - PreparedAttributes, of a room that this one does not know
    """Encodes attributes that many spans share, and keeps the bytes with them."""
    encoded = attributes.encoded = pairs(ATTRIBUTES, attributes)
    return encoded


def _event(event: Event) -> bytes:
    return delimited(
        b"\x5a",
        (_TIME(b"\x09", event.timestamp) if event.timestamp else b"")
        + text(b"\x12", event.name)
        + pairs(b"\x1a", event.attributes)
        + count(b"\x20", event.dropped_attributes),
    )


def _link(link: Link) -> bytes:
    return delimited(
        b"\x6a",
        b"\x0a\x10"
        + link.context.trace_id.to_bytes(16, "big")
        + b"\x12\x08"
        + link.context.span_id.to_bytes(8, "big")
        + pairs(b"\x22", link.attributes)
        + count(b"\x28", link.dropped_attributes)
        + b"\x35"
        + _flags(link.context),
    )


def _status(status: Status) -> bytes:
    if status.status_code is StatusCode.UNSET and not status.description:
        return b"\x7a\x00"
    content = text(b"\x12", status.description or "") + count(b"\x18", status.status_code.value)
    return delimited(b"\x7a", content)


def _flags(context: SpanContext | None) -> bytes:
    """Returns whether an identity came from another process, and that this is known."""
    return _REMOTE if context is not None and context.is_remote else _LOCAL


def _officially(span: ReadableSpan) -> bytes:
    encoded: bytes = encode_spans([span]).resource_spans[0].scope_spans[0].spans[0].SerializeToString()
    return encoded
