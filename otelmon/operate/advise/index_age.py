"""Tells how old an index is: the server does not say, but transaction ids whose time is known do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from otelmon.operate.advise.facts import Index, Tick


@dataclass(frozen=True, slots=True)
class Age:
    """Holds bounds of an age in seconds; None where there is none."""

    at_least: float | None
    at_most: float | None


def age_of(index: Index, clock: Sequence[Tick]) -> Age:
    """Returns how old an index is at least and at most.

    The row of an index carries the transaction that made it (or last changed it, such as by CLUSTER, which makes it
    look younger than it is). A tick of more transactions was before it, one of fewer came after.
    """
    if index.age_seconds is not None:
        return Age(index.age_seconds, index.age_seconds)
    before = [tick.age_seconds for tick in clock if tick.age_transactions > index.age_transactions]
    after = [tick.age_seconds for tick in clock if tick.age_transactions < index.age_transactions]
    return Age(max(after, default=None), min(before, default=None))
