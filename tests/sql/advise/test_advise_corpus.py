"""Advice on the labelled corpus: every trap is reported, no innocent is, and each statement does what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from demo.parts.supervisor import Supervisor
from otelmon.operate.advise.advise import judged
from otelmon.operate.advise.finding import FINDING
from otelmon.operate.advise.limits import Limits
from otelmon.operate.advise.read import facts_of, whole
from otelmon.operate.advise.section import Sections
from tests.sql import servers
from tests.sql.advise.answers import KINDS, limits_between, ours, wrong
from tests.sql.advise.corpus import CASES, QUESTIONS
from tests.sql.advise.labelled import DATABASE, Corpus, labelled
from tests.sql.advise.standby import catch_up

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from otelmon.operate.advise.facts import Facts
    from otelmon.operate.advise.finding import Finding

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


@pytest.mark.parametrize(
    ("replicas", "said"),
    [
        pytest.param("none", "1 standby not given with --replica; each counts its own use", id="standby not given"),
        pytest.param(
            "primary", "1 standby not given with --replica; each counts its own use", id="primary given twice"
        ),
    ],
)
def test_without_the_standby_nothing_is_called_unused(corpus: Corpus, replicas: str, said: str) -> None:
    """While a standby is known and was not given, no use is no proof, and that is the answer."""
    facts = facts_of(corpus.dsn, [corpus.dsn] if replicas == "primary" else [], 60)
    unused = [each for each in judged(facts, limits_between(facts, Limits())) if each.kind == "unused_index"]
    assert {each.verdict for each in unused} == {"cannot tell"}
    assert all(said in each.doubts for each in unused)


def test_standby_alone_calls_nothing_unused(corpus: Corpus) -> None:
    """A standby as the only node says that the primary counts by itself."""
    catch_up(corpus.primary, corpus.standby, DATABASE)
    facts = facts_of(corpus.replica, [], 60)
    unused = [each for each in judged(facts, Limits(min_age_seconds=0)) if each.kind == "unused_index"]
    assert unused
    assert all("the primary was not given, and it counts what it uses by itself" in each.doubts for each in unused)


def test_young_statistics_prove_nothing(facts: Facts) -> None:
    """With statistics younger than the limit each unused index is a "cannot tell" that names both nodes."""
    unused = [each for each in judged(facts, Limits()) if each.kind == "unused_index"]
    assert {each.verdict for each in unused} == {"cannot tell"}
    named = [[doubt for doubt in each.doubts if doubt.startswith("statistics of ")] for each in unused]
    assert {len(doubts) for doubts in named} == {2}


def test_reader_judges_as_the_owner_does(corpus: Corpus, facts: Facts) -> None:
    """otelmon_reader, who has SELECT on nothing, finds the same about indexes."""
    with psycopg.connect(corpus.dsn, autocommit=True) as connection:
        connection.execute(f"ALTER ROLE otelmon_reader PASSWORD '{servers.PASSWORD}'")
    catch_up(corpus.primary, corpus.standby, DATABASE)
    reader = [node.url(DATABASE, "otelmon_reader") for node in (corpus.primary, corpus.standby)]
    read = facts_of(reader[0], reader[1:], 60)
    assert ours(judged(read, limits_between(read, Limits()))) == ours(judged(facts, limits_between(facts, Limits())))


def test_statements_mend_and_undo(corpus: Corpus, facts: Facts) -> None:
    """After all statements nothing is left to say about indexes; after all undoing everything is as it was."""
    limits = limits_between(facts, Limits())
    findings = mendable(facts, limits)
    with psycopg.connect(corpus.dsn) as connection:
        connection.execute("SET LOCAL search_path = pg_catalog")
        there = definitions(connection)
        for each in findings:
            run(connection, each.mend)
        now = replace(facts, **whole(Sections(connection)))  # type: ignore[arg-type]
        assert {each.kind for each in mendable(now, limits)} == {"invalid_index"}
        for each in reversed(findings):
            run(connection, each.undo)
        assert definitions(connection) == there
        connection.rollback()


def mendable(facts: Facts, limits: Limits) -> list[Finding]:
    """Returns the findings with statements, but for builds that fail each time and recent ones, which age meanwhile."""
    found = [each for each in judged(facts, limits) if each.kind in KINDS and each.mend and each.verdict == FINDING]
    return [each for each in found if not each.subject.schema.startswith(("invalid_", "unused_recent"))]


def run(connection: psycopg.Connection[Any], statements: Sequence[str]) -> None:
    """Runs statements, without CONCURRENTLY and without what a failed build makes fail again."""
    for statement in statements:
        if not statement.startswith("REINDEX"):
            connection.execute(statement.replace(" CONCURRENTLY", "").encode())


def definitions(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """Returns every complete index of the corpus with all that belongs to it."""
    query = """
    SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), obj_description(i.indexrelid, 'pg_class'),
        i.indisclustered, (SELECT inhparent::regclass::text FROM pg_inherits WHERE inhrelid = i.indexrelid),
        (SELECT array_agg(attstattarget ORDER BY attnum) FROM pg_attribute WHERE attrelid = i.indexrelid)
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname ~ '^(unused|duplicate|redundant|foreign)' AND i.indisvalid
    """
    return {str(row[0]): row[1:] for row in connection.execute(query).fetchall()}
