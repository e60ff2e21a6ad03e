"""Says what changes: as events for those who watch, and as one line of the log for those who run the observer."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from otelmon.operate.observe import reasons
from otelmon.operate.observe.episodes import Episodes, Resets
from otelmon.operate.observe.occurrences import WATCHED
from otelmon.signals import postgresql_events as events
from otelmon.signals.postgresql import OURS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from otelmon.operate.observe.facts import Change, Server

MOST_EVENTS = 20  # of one kind at one look; a flood says no more than its beginning

_logger = logging.getLogger("otelmon.observe")


class Emit(Protocol):
    """Sends one event."""

    def __call__(
        self, name: str, attributes: Mapping[str, str | int | float | bool], *, trace_id: int, span_id: int
    ) -> None:
        """Sends an event of a name with scalar attributes; 0 and 0 where it belongs to no span."""


class Tidings:
    """Holds what has been said already, so that it is said once."""

    def __init__(self, emit: Emit) -> None:
        self._send = emit
        self._episodes = Episodes()
        self._resets = Resets()
        self._down: dict[str, str] = {}
        self._unreachable = ""

    def rows(self, view: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Sends the events that begin with the rows of a view."""
        if view == "statistics_age":
            for family in self._resets.happened(rows):
                self._emit(events.STATISTICS_RESET, {"family": family})
        elif view in WATCHED:
            event, find, looks = WATCHED[view]
            for attributes in self._episodes.begun(event, find(rows), looks)[:MOST_EVENTS]:
                self._emit(event, attributes)

    def view(self, view: str, reason: str, detail: str) -> None:
        """Says once that a view cannot be read or is readable again."""
        if self._down.get(view, reasons.OK) == reason:
            return
        self._down[view] = reason
        if reason == reasons.OK:
            _logger.info("view_up view=%s", view)
            return
        _logger.warning("view_down view=%s reason=%r detail=%r", view, reason, detail)
        self._emit(events.VIEW_DOWN, {"otelmon.view": view, "otelmon.reason": reason})

    def unreachable(self, reason: str, detail: str) -> None:
        """Says once that there is no connection."""
        if self._unreachable == reason:
            return
        if not self._unreachable:
            self._emit(events.UNREACHABLE, {"otelmon.reason": reason})
        self._unreachable = reason
        _logger.warning("unreachable reason=%r detail=%r", reason, detail)

    def connected(self, server: Server, change: Change) -> None:
        """Says what server it is, and what has changed since the last one."""
        self._unreachable = ""
        _logger.info(
            "connected version=%s database=%s role=%s in_recovery=%s",
            server.version, server.database, server.role, server.in_recovery,
        )  # fmt: skip
        if change.other:
            self._episodes.forget()
            self._resets.forget()
        facts: dict[str, str | int | float | bool] = {"postgresql.version": server.version}
        facts[f"{OURS}in_recovery"] = server.in_recovery
        if change.other or change.promoted:
            self._emit(events.SERVER_CHANGED, facts)
        if change.restarted:
            self._emit(events.SERVER_RESTARTED, facts)

    def _emit(self, name: str, attributes: Mapping[str, str | int | float | bool]) -> None:
        self._send(name, attributes, trace_id=0, span_id=0)
