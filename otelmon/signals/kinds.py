"""What a metric, a span attribute and an event is described by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Instrument = Literal["observable_counter", "observable_up_down_counter", "observable_gauge", "counter", "histogram"]

POOL_NAME = "db.client.connection.pool.name"
POOL_STATE = "db.client.connection.state"
CACHE_NAME = "cache.name"


@dataclass(frozen=True, slots=True)
class Metric:
    """Describes one instrument; ``unit`` is UCUM, ``attributes`` are those its points may have."""

    name: str
    instrument: Instrument
    unit: str
    attributes: tuple[str, ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class Signal:
    """Describes one span attribute or one event; ``value`` is the type of an attribute, empty for an event."""

    name: str
    value: str
    meaning: str
    attributes: tuple[str, ...] = ()
