"""What was read: every figure with its unit and age, unknown as unknown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

AlertState = Literal["active", "suppressed", "unprocessed"]


@dataclass(frozen=True, slots=True)
class Figure:
    """Holds one figure; ``value`` None means unknown. ``age`` is seconds since it was measured, None: not known."""

    value: float | None
    unit: str = ""
    age: float | None = None


UNKNOWN = Figure(None)


@dataclass(frozen=True, slots=True)
class Row:
    """Holds the figures of one thing by name; ``labels`` tell which thing, by Prometheus name."""

    labels: Mapping[str, str]
    figures: Mapping[str, Figure]

    def figure(self, name: str) -> Figure:
        """Returns one figure, unknown where it is absent."""
        return self.figures.get(name, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Section:
    """Holds the rows of one topic.

    ``unknown`` says why nothing is known, and is empty where the source has answered: then no rows means none.
    """

    name: str
    rows: tuple[Row, ...] = ()
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Holds how one source has answered; ``url`` has no credentials, ``reason`` is empty where it is up."""

    name: str
    url: str
    reason: str
    seconds: float

    @property
    def up(self) -> bool:
        """Tells whether it has answered."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class Alert:
    """Holds one open alert; ``since`` is unix seconds."""

    name: str
    severity: str
    state: AlertState
    since: float | None
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SlowSpan:
    """Holds one span that was kept for being slow or failed; ``ended`` is unix seconds, ``link`` leads to its trace."""

    trace_id: str
    span_id: str
    service: str
    name: str
    keep: str
    seconds: float
    ended: float
    line: str
    link: str


@dataclass(frozen=True, slots=True)
class StatusPage:
    """Holds what one ``/status`` says, of an observer or an application; ``reason`` as of a source."""

    url: str
    kind: Literal["observer", "application", "unknown"]
    status: str
    reason: str
    document: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Overview:
    """Holds everything that was read at one moment; ``read_at`` is unix seconds.

    ``alerts``, ``slow`` and ``pages`` are empty both where there are none and where their source is away: ``sources``
    tells which; ``sections`` tell it themselves.
    """

    read_at: float
    sources: tuple[Source, ...]
    alerts: tuple[Alert, ...]
    slow: tuple[SlowSpan, ...]
    sections: Mapping[str, Section]
    pages: tuple[StatusPage, ...]

    def source(self, name: str) -> Source | None:
        """Returns one source by its name: metrics, alertmanager, jaeger."""
        return next((each for each in self.sources if each.name == name), None)
