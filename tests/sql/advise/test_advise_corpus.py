"""Advice on the labelled corpus: every trap is reported, no innocent is, and each statement does what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from demo.parts.supervisor import Supervisor
from otelmon.operate.advise.advise import judged
from otelmon.operate.advise.limits import Limits
from otelmon.operate.advise.read import facts_of
from tests.sql import servers
from tests.sql.advise.answers import limits_between, ours, wrong
from tests.sql.advise.corpus import CASES, QUESTIONS
from tests.sql.advise.labelled import Corpus, labelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from otelmon.operate.advise.facts import Facts

CHOSEN = servers.chosen()


@pytest.fixture(scope="module", params=CHOSEN, ids=[f"postgresql-{major or 'here'}" for major in CHOSEN])
def corpus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    """Runs a primary and a standby with the corpus in them."""
    supervisor = Supervisor(tmp_path_factory.mktemp("corpus"))
    try:
        with labelled(servers.start(supervisor, request.param)) as made:
            yield made
    finally:
        supervisor.stop()


@pytest.fixture(scope="module")
def facts(corpus: Corpus) -> Facts:
    """Reads both nodes once."""
    return facts_of(corpus.dsn, [corpus.replica], 60)


def test_corpus_is_balanced() -> None:
    """There are at least 40 traps and 40 innocents, no two of one name, and every question has both."""
    assert len({case.schema for case in CASES}) == len(CASES)
    assert min(sum(case.truth for case in CASES), sum(not case.truth for case in CASES)) >= 40
    assert {(case.question, case.truth) for case in CASES} == {
        (each, truth) for each in QUESTIONS for truth in (True, False)
    }


def test_every_case_is_judged_right(corpus: Corpus, facts: Facts) -> None:
    """Each trap of the corpus is reported and no innocent is."""
    findings = judged(facts, limits_between(facts, Limits()))
    assert wrong(ours(findings), corpus.cases) == []


def test_size_hides_nothing_else(corpus: Corpus, facts: Facts) -> None:
    """Without a smallest size only the indexes that are innocent for being small are reported besides."""
    limits = replace(limits_between(facts, Limits()), smallest_index_bytes=0)
    assert wrong(ours(judged(facts, limits)), corpus.cases) == ["unused_brin_of_three_pages", "unused_tiny_table"]
