"""The observing thread: connects, reads what is due, writes down what it saw and what it could not see."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from random import Random, SystemRandom
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors

from otelmon.operate.observe import facts, reasons
from otelmon.operate.observe.board import Board, ViewState
from otelmon.operate.observe.points import points_of
from otelmon.operate.observe.schedule import Backoff, Schedule
from otelmon.operate.observe.session import Limits, ServerSilent, Session, Stopped
from otelmon.operate.observe.views import Views
from otelmon.operate.sql.connection import first_line, masked

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence

    from otelmon.operate.observe.look import Look
    from otelmon.operate.observe.session import Row
    from otelmon.operate.observe.tidings import Tidings
    from otelmon.operate.observe.totals import Totals

FACTS = "facts"
SECONDS_BETWEEN_FACTS = 60.0
LONGEST_DETAIL = 200


@dataclass(frozen=True, slots=True)
class Manner:
    """Says how to observe: how long things may take, what intervals are multiplied by, chance and clock."""

    limits: Limits = field(default_factory=Limits)
    scale: float = 1.0
    random: Random = field(default_factory=SystemRandom)
    clock: Callable[[], float] = time.monotonic


class Observer:
    """Holds at most one connection and reads one view at a time, so that the database is never asked twice at once."""

    def __init__(
        self,
        parameters: Mapping[str, str],
        looks: Sequence[Look],
        tidings: Tidings,
        totals: Totals,
        manner: Manner,
    ) -> None:
        """Begins without a connection.

        Args:
            parameters: of libpq.
            looks: what is read.
            tidings: takes events.
            totals: keeps counters growing.
            manner: limits, intervals, chance and clock.
        """
        self.looks = {look.view: look for look in looks}
        intervals = {name: look.every * manner.scale for name, look in self.looks.items()}
        self.board = Board(intervals, manner.clock())
        self._parameters = dict(parameters)
        self._limits = manner.limits
        self._clock = manner.clock
        self._tidings = tidings
        self._totals = totals
        self._backoff = Backoff(manner.random)
        facts_every = SECONDS_BETWEEN_FACTS * min(manner.scale, 1.0)
        self._schedule = Schedule({FACTS: facts_every, **intervals}, manner.random)
        self._views = Views(self.looks)
        self._session: Session | None = None
        self._server: facts.Server | None = None
        self._stop: threading.Event | None = None

    def run(self, stop: threading.Event) -> None:
        """Observes until told to stop; errors of server and network are written down and never raised."""
        self._stop = stop
        while not stop.is_set():
            self.board.alive(self._clock())
            stop.wait(self.step())
        self.close()

    def step(self) -> float:
        """Does the next thing that is due and returns how long there is nothing to do, in seconds."""
        if self._session is None:
            return self._connect()
        name, due = self._schedule.next()
        wait = due - self._clock()
        if wait > 0:
            return min(wait, 1.0)
        self._schedule.done(name, self._clock())
        self._attempt(name)
        return 0.0

    def close(self) -> None:
        """Closes the connection, if there is one."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _connect(self) -> float:
        """Opens a connection and reads the facts of the server; returns how long to wait before the next attempt."""
        try:
            self._session = Session.open(self._parameters, self._limits, self._stopped)
            self._read_facts()
        except psycopg.Error as error:
            return self._lost(reasons.of_connecting(error), error)
        self.board.tried(reasons.OK)
        self._backoff.forget()
        self._schedule.done(FACTS, self._clock())
        return 0.0

    def _attempt(self, name: str) -> None:
        try:
            if name == FACTS:
                self._read_facts()
            else:
                self._look(self.looks[name])
        except psycopg.Error as error:
            self._lost(reasons.TIMEOUT if isinstance(error, ServerSilent) else reasons.UNREACHABLE, error)

    def _read_facts(self) -> None:
        """Reads what the server is, and what of the schema is there."""
        server = facts.Server.of(self._read(facts.SERVER)[0])
        columns = facts.columns(self._read(facts.COLUMNS))
        version = self._version() if columns else None
        change = facts.change(self._server, server)
        if change.other:
            self._totals.forget_base()
        if self._server is None or not self.board.now.connected or change != facts.Change():
            self._tidings.connected(server, change)
        self._server = server
        self._views.know(columns)
        self.board.connected(server, version)
        views = self.board.now.views.items()
        self._schedule.hasten(name for name, view in views if view.reason in reasons.MENDED_BY_OTHERS)

    def _version(self) -> int | None:
        try:
            version = self._read(facts.VERSION)[0]["version"]
        except psycopg.Error:
            if self._session is None or not self._session.usable:
                raise
            return None
        return version if isinstance(version, int) else None

    def _look(self, look: Look) -> None:
        """Reads one view and writes down what came of it.

        Raises:
            psycopg.Error: the connection is of no use any more.
        """
        plan, reason, detail = self._views.plan(look.view)
        if plan is None:
            self._down(look, reason, detail)
            return
        started = time.perf_counter()
        try:
            rows = self._read(plan.text)
        except psycopg.Error as error:
            if self._session is None or not self._session.usable:
                raise
            self._refused(look, error)
            return
        seconds = time.perf_counter() - started
        points = tuple(self._totals.grown(points_of(plan, rows), shrinks=look.shrinks))
        every = self.board.now.views[look.view].every
        state = ViewState(every, reason, detail, self._clock(), time.time(), len(rows), seconds, points)
        self.board.view(look.view, state)
        self._heed(look, rows)
        self._tidings.view(look.view, reason, detail)

    def _refused(self, look: Look, error: psycopg.Error) -> None:
        """Writes down why a view was not read; where the schema is not what it was, it is looked at anew at once."""
        reason = reasons.of_view(error, self.board.now.statements)
        was_read = self.board.now.views[look.view].reason == reasons.OK
        self._down(look, reason, self._said(error))
        if was_read and isinstance(error, (errors.UndefinedTable, errors.UndefinedColumn)):
            self._schedule.hasten([FACTS])

    def _heed(self, look: Look, rows: Sequence[Row]) -> None:
        self._tidings.rows(look.view, rows)
        for row in rows:
            if row.get("extension_name") == "pg_stat_statements":
                self.board.statements(str(row["state"]))

    def _down(self, look: Look, reason: str, detail: str) -> None:
        """Writes down that a view was not read: its figures are not known any more."""
        before = self.board.now.views[look.view]
        self.board.view(look.view, ViewState(before.every, reason, detail, before.read_at, before.read_at_unix))
        self._tidings.view(look.view, reason, detail)

    def _lost(self, reason: str, error: psycopg.Error) -> float:
        """Lets the connection go and returns how long to wait before the next attempt."""
        silent = isinstance(error, ServerSilent)
        self.close()
        if isinstance(error, Stopped):
            return 0.0
        self.board.tried(reason)
        self.board.lost(reason, self._said(error))
        self._tidings.unreachable(reason, self._said(error))
        # What was asked last may still run there, until the server's own limit: one connection at a time.
        return max(self._backoff.next(), self._limits.patience if silent else 0.0)

    def _read(self, query: str) -> list[Row]:
        if self._session is None:
            raise psycopg.OperationalError("not connected")
        return self._session.read(query)

    def _stopped(self) -> bool:
        return self._stop is not None and self._stop.is_set()

    def _said(self, error: psycopg.Error) -> str:
        """Returns what the server or libpq said, without a password, on one line."""
        hint = f" ({error.diag.message_hint})" if error.diag.message_hint else ""
        text = (error.diag.message_primary or first_line(error)) + hint
        return masked(text, self._parameters)[:LONGEST_DETAIL]
