"""Holds a library's suite under otelmon beside the same without, and tells what chance did from what otelmon did."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.suites.outcomes import Where, outcomes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.suites.libraries import Library

# How often a test that ended differently is run again, by itself, on both sides.
REPETITIONS = 3
Outcomes = dict[str, str]


class Comparison(NamedTuple):
    """Holds what became of each test.

    Args:
        bare: without otelmon.
        observed: with it.
        different: tests that end in one way without and in another with it, each time.
        unsteady: tests that ended differently once, and when repeated ended in the same way on both sides at least
            once: they depend on time or on what ran before them.
    """

    bare: Outcomes
    observed: Outcomes
    different: tuple[str, ...]
    unsteady: tuple[str, ...]


def compare(library: Library, folder: Path, where: Where) -> Comparison:
    """Runs a suite twice, and again the tests that ended differently."""
    first = [outcomes(library, folder / f"{each}.xml", observed=each, where=where) for each in (False, True)]
    apart = differing(*first)
    seen: dict[str, tuple[set[str], set[str]]] = {name: (set(), set()) for name in apart}
    for number in range(REPETITIONS if apart else 0):
        for observed in (False, True):
            report = folder / f"{observed}-{number}.xml"
            again = outcomes(library, report, observed=observed, where=where, only=apart)
            for name, sides in seen.items():
                sides[observed].add(again.get(name, "not run"))
    unsteady = tuple(name for name, (bare, with_it) in seen.items() if bare & with_it)
    return Comparison(*first, tuple(name for name in apart if name not in unsteady), unsteady)


def differing(bare: Outcomes, observed: Outcomes) -> tuple[str, ...]:
    """Returns the names of tests that ended differently, or in one of the runs only."""
    return tuple(sorted(name for name in bare.keys() | observed.keys() if bare.get(name) != observed.get(name)))
