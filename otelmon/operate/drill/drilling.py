"""Runs faults: as many at a time as do not disturb one another."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from otelmon.operate.drill.one_fault import OneFault
from otelmon.operate.drill.patience import Patience

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from concurrent.futures import Future

    from otelmon.operate.drill.fault import Fault
    from otelmon.operate.drill.one_fault import Tell
    from otelmon.operate.drill.outcome import Outcome
    from otelmon.operate.drill.watching import Watcher


@dataclass(frozen=True)
class Drill:
    """Runs faults against one stack.

    Args:
        watcher: sees what is told.
        tell: told a line for each thing that happens.
        patience: how long is waited.
    """

    watcher: Watcher
    tell: Tell
    patience: Patience = field(default_factory=Patience)

    def run(self, faults: Sequence[Fault]) -> list[Outcome]:
        """Runs every fault and returns what became of each stage, in the order of the faults."""
        begun: dict[str, tuple[Fault, Future[list[Outcome]]]] = {}
        with ThreadPoolExecutor(max(1, len(faults)), thread_name_prefix="drill") as pool:
            for _ in faults:
                fault = self._next([each for each in faults if each.name not in begun], begun.values())
                begun[fault.name] = fault, pool.submit(OneFault(fault, self.watcher, self.tell, self.patience).run)
            return [outcome for fault in faults for outcome in begun[fault.name][1].result()]

    def _next(self, waiting: list[Fault], begun: Collection[tuple[Fault, Future[list[Outcome]]]]) -> Fault:
        """Waits until a fault can run beside those that do, and returns it."""
        while True:
            active = [fault for fault, future in begun if not future.done()]
            ready = [each for each in waiting if not any(each.disturbs(other) for other in active)]
            if ready:
                return ready[0]
            time.sleep(self.patience.between_looks)
