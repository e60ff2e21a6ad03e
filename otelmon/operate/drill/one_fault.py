"""Runs one fault: injects its stages, waits until each is told, undoes everything, waits until each has ended."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from otelmon.operate.drill.outcome import Outcome
from otelmon.operate.drill.sighting import FIRING, INACTIVE, NOTIFIED, PENDING, RESOLVED, first

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.operate.drill.fault import Fault, Stage
    from otelmon.operate.drill.patience import Patience
    from otelmon.operate.drill.watching import Watcher

    Tell = Callable[[str], None]

LONGEST_REASON = 200


@dataclass(frozen=True)
class OneFault:
    """Holds a fault and those who watch it."""

    fault: Fault
    watcher: Watcher
    tell: Tell
    patience: Patience

    def run(self) -> list[Outcome]:
        """Returns what became of each stage that was reached; everything is undone afterwards."""
        outcomes: list[Outcome] = []
        for stage in self.fault.stages:
            outcomes.append(self._inject(stage))
            if outcomes[-1].notified is None:
                break
        restored = time.time()
        error = self._restore()
        return [self._ended(replace(each, restored=restored, error=each.error or error)) for each in outcomes]

    def _inject(self, stage: Stage) -> Outcome:
        self.tell(f"{self.fault.name}: {stage.what}")
        outcome = Outcome(self.fault.name, stage, time.time())
        reached, error = _attempted(stage.inject)
        if error:
            return replace(outcome, error=error)
        outcome = self._until_told(replace(outcome, reached=reached))
        event = self.watcher.event_at(stage.event, outcome.injected) if stage.event else None
        self.tell(f"{self.fault.name}: {stage.rule[0]} ({stage.rule[1]}) {_after(outcome.detected_after)}")
        if outcome.notified is None:
            outcome = replace(outcome, why=self.watcher.why(stage))
            self.tell(f"{self.fault.name}: {outcome.why}")
        return replace(outcome, event=event, pending=self._first(PENDING, outcome), firing=self._first(FIRING, outcome))

    def _until_told(self, outcome: Outcome) -> Outcome:
        """Waits until somebody was told, and the second road, where there is one, has shown it too."""
        seen = self.fault.second_road
        deadline = max(outcome.breach, time.time()) + self.patience.to_tell
        while time.time() < deadline:
            if outcome.second_road is None and seen is not None and seen():
                outcome = replace(outcome, second_road=time.time())
            told = outcome.second_road if outcome.stage.by_silence else self._first(NOTIFIED, outcome)
            outcome = replace(outcome, notified=told)
            if told is not None and (seen is None or outcome.second_road is not None):
                break
            time.sleep(self.patience.between_looks)
        return outcome

    def _first(self, kind: str, outcome: Outcome) -> float | None:
        return first(self.watcher.sightings, kind, outcome.stage, outcome.injected)

    def _restore(self) -> str:
        """Undoes everything and returns why that was not possible, or nothing."""
        _, error = _attempted(self.fault.restore)
        if error:
            self.tell(f"{self.fault.name}: not undone: {error}")
        return f"not undone: {error}" if error else ""

    def _ended(self, outcome: Outcome) -> Outcome:
        """Waits until an alert has ended: at the rule, and, where it was told, told as resolved."""
        if outcome.notified is None:
            return outcome
        deadline = time.time() + self.patience.to_clear
        while time.time() < deadline:
            ended = self._ended_at(outcome)
            if ended is not None:
                self.tell(f"{outcome.fault}: {outcome.stage.rule[0]} has cleared")
                return replace(outcome, cleared=ended)
            time.sleep(self.patience.between_looks)
        self.tell(f"{outcome.fault}: {outcome.stage.rule[0]} has not cleared")
        return outcome

    def _ended_at(self, outcome: Outcome) -> float | None:
        """Returns when an alert had ended, or None while it goes on."""
        if outcome.stage.by_silence:
            return None if self.fault.second_road is None or self.fault.second_road() else time.time()
        after = outcome.notified or outcome.injected
        ended = first(self.watcher.sightings, INACTIVE, outcome.stage, after)
        if ended is None or any(outcome.stage.causes(labels) for labels in self.watcher.firing()):
            return None
        return max(ended, first(self.watcher.sightings, RESOLVED, outcome.stage, after) or ended)


def _attempted(act: Callable[[], float | None]) -> tuple[float | None, str]:
    """Returns what an act returns and nothing, or nothing and its error: one that fails must not end the others."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(act)
        error = done.exception()
    if error is None:
        return done.result(), ""
    return None, f"{type(error).__name__}: {' '.join(str(error).split())[:LONGEST_REASON]}"


def _after(seconds: float | None) -> str:
    return "was never told" if seconds is None else f"told after {seconds:.0f} s"
