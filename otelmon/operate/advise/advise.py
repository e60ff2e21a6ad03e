"""Puts the judgments together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from otelmon.operate.advise.finding import CANNOT_TELL, ERROR, FINDING, INFO, OBSERVATION, WARN
from otelmon.operate.advise.judging import (
    duplicate,
    foreign_keys,
    invalid,
    redundant,
    sequences,
    server,
    tables,
    unseen,
    unused,
)
from otelmon.operate.advise.judging.evidence import subject_of

if TYPE_CHECKING:
    from otelmon.operate.advise.facts import Facts
    from otelmon.operate.advise.finding import Finding
    from otelmon.operate.advise.limits import Limits

# What another index replaces goes first; the other judges see the database without it.
FIRST = (invalid.judge, duplicate.judge, redundant.judge)
THEN = (
    unused.judge,
    foreign_keys.judge,
    tables.read_sequentially,
    tables.never_analyzed,
    tables.vacuum_needed,
    tables.bloat,
    sequences.judge,
    server.wraparound,
    server.slots,
    server.settings,
    server.transactions,
    server.statements,
    unseen.judge,
)
REPLACED = ("duplicate_index", "redundant_index")
VERDICTS = (FINDING, CANNOT_TELL, OBSERVATION)
LEVELS = (ERROR, WARN, INFO)


def judged(facts: Facts, limits: Limits) -> list[Finding]:
    """Returns every finding: what was found before what cannot be told and what is merely so now, worst first.

    An index that can go for being the same as another is not called unused as well.
    """
    found = [each for judge in FIRST for each in judge(facts, limits)]
    going = {each.subject for each in found if each.kind in REPLACED and not each.doubts}
    staying = replace(facts, indexes=tuple(index for index in facts.indexes if subject_of(index) not in going))
    found += [each for judge in THEN for each in judge(staying, limits)]
    return sorted(found, key=lambda each: (VERDICTS.index(each.verdict), LEVELS.index(each.level)))
