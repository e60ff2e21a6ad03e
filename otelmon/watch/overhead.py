"""Holds otelmon's own share of the process's CPU under a limit, by leaving things undone, one after another."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from otelmon.rules.overhead import ORDER, Overhead, next_overhead, share_of
from otelmon.watch.entry_meter import EntryMeter
from otelmon.watch.own_threads import OwnThreads

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry.shed_work import ShedWork

WINDOW_NS = 5_000_000_000
# Cores that the process must use to be judged. Below, what goes by the clock is a large share, and no step sheds that.
LEAST_BUSY = 0.25
_logger = logging.getLogger("otelmon")


class OverheadWatch:
    """Measures, decides and says so; the switches are somebody else's.

    Args:
        limit: the largest share of the process's CPU time.
        shed: what is known of it, for gauges and health.
        leave_undone: takes the kinds of work that are not to be done from now on.
    """

    def __init__(self, limit: float, shed: ShedWork, leave_undone: Callable[[tuple[str, ...]], None]) -> None:
        self._limit = limit
        self._shed = shed
        self._leave_undone = leave_undone
        self.begin()

    def begin(self) -> None:
        """Begins at zero, in a forked child too."""
        self._state = Overhead()
        self._threads = OwnThreads()
        self.meter = EntryMeter(lambda: self._threads.idents)
        self._wall, self._process = time.monotonic_ns(), time.process_time_ns()

    def look(self) -> None:
        """Judges what has passed since the last window, once a window."""
        wall = time.monotonic_ns() - self._wall
        if wall < WINDOW_NS:
            return
        process = time.process_time_ns() - self._process
        self._wall, self._process = self._wall + wall, self._process + process
        own = self._threads.spent_ns() + self.meter.spent_ns()
        share = share_of(own, process, wall, LEAST_BUSY)
        before, self._state = self._state, next_overhead(self._state, share, self._limit)
        self._shed.share = share
        if before.shed != self._state.shed:
            self._change(share)

    def _change(self, share: float | None) -> None:
        undone = ORDER[: self._state.shed]
        self._leave_undone(undone)
        self._shed.now = undone
        _logger.warning(
            "overhead_limit share=%s limit=%.4f left_undone=%s",
            "unknown" if share is None else f"{share:.4f}",
            self._limit,
            ",".join(undone) or "nothing",
        )
