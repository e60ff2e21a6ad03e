"""What a tool says of the corpus, and how right that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from otelmon.operate.advise.finding import FINDING
from tests.sql.advise.corpus import DUPLICATE, FOREIGN_KEY, INVALID, QUESTIONS, REDUNDANT, UNUSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from otelmon.operate.advise.facts import Facts
    from otelmon.operate.advise.finding import Finding
    from otelmon.operate.advise.limits import Limits
    from tests.sql.advise.corpus import Case

# By question, the schema and the index or constraint that a tool reports.
Answers = dict[str, set[tuple[str, str]]]
KINDS = {
    "unused_index": UNUSED,
    "duplicate_index": DUPLICATE,
    "duplicate_constraint": DUPLICATE,
    "redundant_index": REDUNDANT,
    "invalid_index": INVALID,
    "missing_foreign_key_index": FOREIGN_KEY,
}


@dataclass(frozen=True)
class Score:
    """Counts right and wrong answers to one question."""

    found: int
    false: int
    missed: int

    @property
    def precision(self) -> float | None:
        """Returns the share of reports that are right; None without any report."""
        return self.found / (self.found + self.false) if self.found + self.false else None

    @property
    def recall(self) -> float | None:
        """Returns the share of traps that were reported."""
        return self.found / (self.found + self.missed) if self.found + self.missed else None


def ours(findings: Iterable[Finding]) -> Answers:
    """Returns what advice says; "cannot tell" is no report."""
    answers: Answers = {question: set() for question in QUESTIONS}
    for each in findings:
        if each.verdict == FINDING and each.kind in KINDS:
            answers[KINDS[each.kind]].add((each.subject.schema, each.subject.name))
    return answers


def says(answers: Mapping[str, set[tuple[str, str]]], case: Case) -> bool:
    """Tells whether a tool reports a case.

    Of two indexes that do the same, it may name either; tools that have one list for equal and for redundant indexes
    are asked for both.
    """
    if case.question in (DUPLICATE, REDUNDANT):
        either = answers.get(DUPLICATE, set()) | answers.get(REDUNDANT, set())
        return any(schema == case.schema for schema, _ in either)
    return (case.schema, case.target) in answers[case.question]


def wrong(answers: Answers, cases: Iterable[Case]) -> list[str]:
    """Returns the cases that a tool gets wrong."""
    return [case.schema for case in cases if says(answers, case) != case.truth]


def score(answers: Answers, cases: Iterable[Case]) -> Score:
    """Returns how right a tool is about some cases."""
    told = [(says(answers, case), case.truth) for case in cases]
    return Score(told.count((True, True)), told.count((True, False)), told.count((False, True)))


def limits_between(facts: Facts, limits: Limits) -> Limits:
    """Returns limits by which the statistics are old enough and the recent indexes are not."""
    newest = min(tick.age_seconds for tick in facts.clock)
    youngest = min(node.statistics_age_seconds for node in facts.nodes)
    assert newest < youngest
    return replace(limits, min_age_seconds=(newest + youngest) / 2)
