"""Keeps what arrived, decoded and as bytes."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Record = dict[str, object]
MOST_RAW_BYTES = 128 * 1024 * 1024


@dataclass
class Store:
    """Holds spans, logs, envelope items and the uncompressed bodies, in the order of arrival."""

    spans: list[Record] = field(default_factory=list)
    logs: list[Record] = field(default_factory=list)
    items: list[Record] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    bodies_left_out: int = 0
    too_large: int = 0
    refused: dict[int, int] = field(default_factory=dict)
    _raw_bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def keep_body(self, body: bytes) -> None:
        """Keeps the bytes of one request, up to 128 MiB in all; what comes later is counted."""
        with self._lock:
            if self._raw_bytes + len(body) > MOST_RAW_BYTES:
                self.bodies_left_out += 1
                return
            self._raw_bytes += len(body)
            self.bodies.append(body)

    def add(self, kind: list[Record], records: Iterable[Record]) -> None:
        """Appends records to one of the lists."""
        with self._lock:
            kind.extend(records)

    def count_refusal(self, status: int) -> None:
        """Counts one request that was answered with an error."""
        with self._lock:
            self.refused[status] = self.refused.get(status, 0) + 1

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            for kept in (self.spans, self.logs, self.items, self.bodies):
                kept.clear()
            self.refused.clear()
            self._raw_bytes = self.bodies_left_out = self.too_large = 0


def matching(records: list[Record], wanted: Mapping[str, str]) -> list[Record]:
    """Returns the records whose fields, or attributes where there is no such field, equal all given texts."""
    return [record for record in list(records) if all(_text(record, key) == value for key, value in wanted.items())]


def _text(record: Record, key: str) -> str | None:
    """Returns one field or attribute as text."""
    attributes = record.get("attributes")
    value = record.get(key, attributes.get(key) if isinstance(attributes, dict) else None)
    return None if value is None else str(value)
