"""The ledger of breaches and alerts: every breach has its alert, every alert its breach."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from otelmon.operate.drill.sighting import NOTIFIED

if TYPE_CHECKING:
    from collections.abc import Collection

    from otelmon.operate.drill.fault import Key
    from otelmon.operate.drill.outcome import Outcome
    from otelmon.operate.drill.sighting import Sighting

# A rule looks back over some minutes, so what a fault left behind may still be told a while after it was undone.
SECONDS_AFTERWARDS = 300.0
WATCHDOG = "OtelmonWatchdog"


class Followed(NamedTuple):
    """Holds a rule that told of what a fault causes besides, the fault, and why that follows."""

    rule: Key
    fault: str
    why: str


@dataclass(frozen=True)
class Ledger:
    """Holds both sides: breaches without alert, and alerts that no breach explains.

    Args:
        breaches: how many were injected.
        told: how many of them were notified.
        consequences: further alerts that follow from the same causes, with how often they were notified.
        unexplained: labels of alerts that belong to no breach.
        again: how often an alert that some receiver had been told of was told to it anew, by rule.
    """

    breaches: int
    told: int
    consequences: dict[Followed, int]
    unexplained: list[dict[str, str]]
    again: dict[Key, int] = field(default_factory=dict)

    @property
    def balanced(self) -> bool:
        """Tells whether breaches equal alerts."""
        return self.breaches == self.told and not self.unexplained


def ledger(outcomes: list[Outcome], sightings: Collection[Sighting]) -> Ledger:
    """Returns the ledger of a run.

    Args:
        outcomes: of every stage that was injected.
        sightings: everything that was seen meanwhile.
    """
    consequences: Counter[Followed] = Counter()
    unexplained: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
    for each in sightings:
        if each.kind != NOTIFIED or each.rule[0] == WATCHDOG or _expected(each, outcomes):
            continue
        followed = _followed(each, outcomes)
        if followed is None:
            unexplained[tuple(sorted(each.labels.items()))] = dict(each.labels)
        else:
            consequences[followed] += 1
    again: Counter[Key] = Counter()
    for outcome in outcomes:
        again.update(_told_again(outcome, sightings))
    told = sum(outcome.notified is not None for outcome in outcomes)
    return Ledger(len(outcomes), told, dict(consequences), list(unexplained.values()), dict(again))


def _told_again(outcome: Outcome, sightings: Collection[Sighting]) -> Counter[Key]:
    """Returns how many notifications of a stage's alert came after the first of the same alert to the same receiver."""
    mine = [each for each in sightings if each.kind == NOTIFIED and each.belongs_to(outcome.stage)]
    times = Counter((each.receiver, *sorted(each.labels.items())) for each in mine if _meanwhile(each, outcome))
    more = sum(count - 1 for count in times.values())
    return Counter({outcome.stage.rule: more} if more else {})


def _expected(sighting: Sighting, outcomes: list[Outcome]) -> bool:
    return any(sighting.belongs_to(each.stage) and _meanwhile(sighting, each) for each in outcomes)


def _followed(sighting: Sighting, outcomes: list[Outcome]) -> Followed | None:
    """Returns whose consequence an alert is; of several that go on at a time the newest fault's."""
    going_on = sorted((each for each in outcomes if _meanwhile(sighting, each)), key=lambda each: each.injected)
    found = ((outcome, each) for outcome in reversed(going_on) for each in outcome.stage.also)
    return next(
        (Followed(sighting.rule, o.fault, each.why) for o, each in found if each.explains(sighting.labels)), None
    )


def _meanwhile(sighting: Sighting, outcome: Outcome) -> bool:
    end = None if outcome.restored is None else outcome.restored + SECONDS_AFTERWARDS
    return sighting.at >= outcome.injected and (end is None or sighting.at <= end)
