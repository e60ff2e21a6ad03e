"""What the observer's instruments show: the points of views that are up and fresh, and its own state."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from opentelemetry.metrics import CallbackOptions, Observation

from otelmon import guard, signals
from otelmon.operate.observe import reasons
from otelmon.signals.postgresql import OURS, REASON, VIEW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from opentelemetry.metrics import Meter

    from otelmon.operate.observe.board import Board
    from otelmon.operate.observe.points import Attributes

Value = tuple["int | float", "Attributes"]
# A view that should have been read three times since is not known any more, as after a suspension.
STALE_AFTER = 3
GRACE_SECONDS = 30.0
READABLE = (reasons.OK, reasons.OUTDATED)


class Gauges:
    """Reads the board for each instrument; bounded in the different series that it ever shows."""

    def __init__(self, board: Board, most_series: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._board = board
        self._most = most_series
        self._clock = clock
        self._shown: dict[str, set[Attributes]] = {}
        self._left_out: dict[str, int] = {}

    def create(self, meter: Meter) -> None:
        """Creates every instrument of the catalogue, and the count of what was left out."""
        for metric in (*signals.POSTGRESQL_METRICS, signals.BY_NAME["otelmon.labels.overflow"]):
            make = getattr(meter, f"create_{metric.instrument}")
            make(metric.name, callbacks=[self._callback(metric.name)], unit=metric.unit, description=metric.meaning)

    def values(self, metric: str) -> Iterator[Value]:
        """Yields what one metric shows now."""
        own = {
            f"{OURS}up": self._up,
            f"{OURS}view.up": self._views_up,
            f"{OURS}view.age": self._ages,
            f"{OURS}view.duration": self._durations,
            f"{OURS}connects": self._connects,
            "otelmon.labels.overflow": self._overflow,
        }
        return own[metric]() if metric in own else self._measured(metric)

    def _callback(self, metric: str) -> Callable[[CallbackOptions], Iterable[Observation]]:
        where = guard.site(f"observe.{metric}")

        def callback(_: CallbackOptions) -> Iterable[Observation]:
            return guard.call(where, self._observations, metric) or ()

        return callback

    def _observations(self, metric: str) -> list[Observation]:
        return [Observation(value, dict(labels)) for value, labels in self.values(metric) if self._fits(metric, labels)]

    def _fits(self, metric: str, labels: Attributes) -> bool:
        """Tells whether a series may be shown, and counts it where there are too many already."""
        shown = self._shown.setdefault(metric, set())
        if labels not in shown and len(shown) >= self._most:
            self._left_out[metric] = self._left_out.get(metric, 0) + 1
            return False
        shown.add(labels)
        return True

    def _measured(self, metric: str) -> Iterator[Value]:
        now = self._clock()
        for view in self._board.now.views.values():
            age = view.age(now)
            if view.reason in READABLE and age is not None and age <= STALE_AFTER * view.every + GRACE_SECONDS:
                yield from ((each.value, each.attributes) for each in view.points if each.metric == metric)

    def _up(self) -> Iterator[Value]:
        yield int(self._board.now.connected), ()

    def _views_up(self) -> Iterator[Value]:
        for name, view in self._board.now.views.items():
            if view.reason != reasons.WAITING:
                yield int(view.reason in READABLE), ((VIEW, name), (REASON, view.reason))

    def _ages(self) -> Iterator[Value]:
        now = self._clock()
        ages = ((name, view.age(now)) for name, view in self._board.now.views.items())
        yield from ((age, ((VIEW, name),)) for name, age in ages if age is not None)

    def _durations(self) -> Iterator[Value]:
        for name, view in self._board.now.views.items():
            if view.seconds is not None:
                yield view.seconds, ((VIEW, name),)

    def _connects(self) -> Iterator[Value]:
        yield from ((count, ((REASON, reason),)) for reason, count in self._board.now.connects.items())

    def _overflow(self) -> Iterator[Value]:
        yield from ((count, (("instrument", name),)) for name, count in self._left_out.items())
