"""An observer in a thread of the test, a hundred times as fast as usual, with ears for its events."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from psycopg.conninfo import conninfo_to_dict

from otelmon.operate.observe.catalogue import LOOKS
from otelmon.operate.observe.observer import Manner, Observer
from otelmon.operate.observe.process import COUNTERS
from otelmon.operate.observe.session import Limits
from otelmon.operate.observe.tidings import Tidings
from otelmon.operate.observe.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Callable

SCALE = 0.02
LIMITS = Limits(statement_ms=2000, lock_ms=100, grace_ms=1000)


class Watching:
    """Holds a running observer."""

    def __init__(self, url: str) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        parameters = {name: str(value) for name, value in conninfo_to_dict(url).items()}
        self.observer = Observer(parameters, LOOKS, Tidings(self._hear), Totals(COUNTERS), Manner(LIMITS, SCALE))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.observer.run, args=(self._stop,), daemon=True)
        self._thread.start()

    def _hear(self, name: str, attributes: Any, **_: int) -> None:
        self.events.append((name, dict(attributes)))

    @property
    def reasons(self) -> dict[str, str]:
        """Returns what is said of each view now."""
        return {name: view.reason for name, view in self.observer.board.now.views.items()}

    @property
    def down(self) -> set[str]:
        """Returns the views that are not read now."""
        return {name for name, reason in self.reasons.items() if reason != "ok"}

    def figure(self, metric: str, **labels: str) -> float | None:
        """Returns what the one point of a metric shows whose attributes end in what is given."""
        for view in self.observer.board.now.views.values():
            for point in view.points:
                short = {name.rpartition(".")[2]: value for name, value in point.attributes}
                if point.metric == metric and labels.items() <= short.items():
                    return point.value
        return None

    def told(self, name: str) -> list[dict[str, Any]]:
        """Returns the events of a name, without the common beginning."""
        return [attributes for event, attributes in self.events if event == f"otelmon.postgresql.{name}"]

    def until(self, condition: Callable[[], object], seconds: float = 40.0) -> None:
        """Waits until something holds; raises AssertionError with what is known when it does not in time."""
        end = time.monotonic() + seconds
        while not condition():
            now = self.observer.board.now
            assert time.monotonic() < end, (now.reason, now.detail, self.reasons, self.events[-5:])
            time.sleep(0.02)

    def read_anew(self, view: str) -> None:
        """Waits until a view was looked at that began after this call."""
        for _ in range(2):
            before = self.observer.board.now.views[view]
            self.until(lambda before=before: self.observer.board.now.views[view] is not before)

    def stop(self) -> None:
        """Ends the observer, which has to end at once."""
        self._stop.set()
        self._thread.join(5)
        assert not self._thread.is_alive()
