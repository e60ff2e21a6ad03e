"""What a fault is: stages that each make one rule fire, and a way back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# A rule is told from all others by its alert and its severity.
Key = tuple[str, str]


@dataclass(frozen=True)
class Consequence:
    """Describes an alert that a fault causes besides, and why that is true of it.

    Args:
        alert: its name; any severity of it may come.
        why: how it follows from the fault, as one clause.
        labels: what it must say, so that the same alert of somebody else is not explained.
    """

    alert: str
    why: str
    labels: Mapping[str, str] = field(default_factory=dict)

    def explains(self, labels: Mapping[str, str]) -> bool:
        """Tells whether an alert with such labels is this one."""
        return labels.get("alertname") == self.alert and all(
            labels.get(name) == self.labels[name] for name in self.labels
        )


@dataclass(frozen=True)
class Stage:
    """Describes one injection and the rule that has to tell of it.

    Args:
        rule: alert and severity.
        what: what is done, as one phrase.
        inject: does it; returns when it is done, where it can tell with the time at which the limit was reached.
        labels: what the alert's labels must say besides, such as whose database it is.
        ripens: seconds from the injection until the limit is reached by definition, such as the age of a transaction.
        event: name of the event that tells of it too; empty where there is none.
        by_silence: whether the alarm is that an alert stops coming; then the second road tells of it.
        also: alerts that truly follow from the same cause; each is counted and shown with its reason, none is required.
    """

    rule: Key
    what: str
    inject: Callable[[], float | None]
    labels: Mapping[str, str] = field(default_factory=dict)
    ripens: float = 0.0
    event: str = ""
    by_silence: bool = False
    also: tuple[Consequence, ...] = ()

    def causes(self, labels: Mapping[str, str]) -> bool:
        """Tells whether an alert with such labels is the one that this stage has to cause."""
        rule = labels.get("alertname", ""), labels.get("severity", "")
        return rule == self.rule and all(labels.get(name) == value for name, value in self.labels.items())


@dataclass(frozen=True)
class Fault:
    """Describes one fault, a single stage or several that grow worse.

    Args:
        name: as it is asked for on the command line.
        stages: in order; each begins when the one before has been told.
        restore: undoes everything, whatever stages were reached.
        uses: what must stay as it is meanwhile.
        takes: what nobody else may use or take meanwhile.
        extra: whether it proves a rule once more, in another way than the rule's own fault.
        second_road: tells whether the road past rules and metrics has seen it; none where there is no such road.
    """

    name: str
    stages: tuple[Stage, ...]
    restore: Callable[[], float | None]
    uses: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    second_road: Callable[[], bool] | None = None
    extra: bool = False

    def disturbs(self, other: Fault) -> bool:
        """Tells whether both cannot run at the same time."""
        return bool(self.takes & (other.uses | other.takes) or other.takes & self.uses)
