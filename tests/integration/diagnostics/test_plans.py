"""The plan that is told of is the one that the application got; the truth is auto_explain."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import asyncpg
import psycopg
import psycopg2
import pytest

from otelmon.hooks.asyncpg import hook as asyncpg_hook
from otelmon.hooks.psycopg import hook as psycopg_hook
from otelmon.hooks.psycopg2 import hook
from otelmon.rules.plan_shape import plan_hash
from tests.integration.diagnostics.conftest import diagnosed, events_of, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.psycopg2.conftest import Observation
    from tests.sql.servers import Server

PLAN, CHANGED = "otelmon.db.plan", "otelmon.plan.changed"
HASH, RESULT = "otelmon.db.plan.hash", "otelmon.db.plan.result"
LOOKUP = "SELECT max(n) FROM skewed WHERE kind = %s"
RARE, COMMON = "rare2000", "common"
STATEMENTS = [
    ("SELECT max(n) FROM skewed WHERE kind = %s", (RARE,)),
    ("SELECT max(n) FROM skewed WHERE kind = %s", (COMMON,)),
    ("SELECT a.id FROM skewed a JOIN skewed b ON b.id = a.n WHERE a.kind = %s ORDER BY b.id LIMIT 5", (RARE,)),
    ("WITH few AS MATERIALIZED (SELECT * FROM skewed WHERE id < %s) SELECT kind, count(*) FROM few GROUP BY 1", (50,)),
    ("SELECT id FROM skewed WHERE id IN (SELECT n FROM skewed WHERE kind = %s) FOR UPDATE", (RARE,)),
]


@pytest.fixture
def oracle(server: Server) -> Iterator[Callable[..., str]]:
    """Yields a function that runs a statement unobserved and returns the hash of the plan that auto_explain saw."""
    with closing(psycopg2.connect(server.url())) as connection, connection.cursor() as cursor:
        cursor.execute("SET auto_explain.log_min_duration = 0; SET client_min_messages = log")
        connection.commit()

        def run(statement: str, values: tuple[object, ...]) -> str:
            connection.notices.clear()
            cursor.execute(statement, values)
            (plan,) = [each for each in connection.notices if "plan:" in each]
            connection.rollback()
            return plan_hash(json.loads(plan[plan.index("{") :])["Plan"])

        yield run


def planned(observation: Observation, count: int) -> list[dict[str, Any]]:
    """Waits for a number of plans, or reasons why there are none, and returns them."""
    return wait_for(lambda: len(found := events_of(observation, PLAN)) >= count and found)


def test_plans_are_those_that_auto_explain_saw(server: Server, oracle: Callable[..., str]) -> None:
    """The hash is that of the plan in which the same statement ran; a common and a rare value have two."""
    truth = [oracle(*each) for each in STATEMENTS]
    with diagnosed(hook, threshold_ms=0) as (observation, _), closing(psycopg2.connect(server.url())) as connection:
        for statement, values in STATEMENTS:
            connection.cursor().execute(statement, values)
        told = planned(observation, len(STATEMENTS))
    assert [each[HASH] for each in told] == truth
    assert len(set(truth)) == len(truth)
    assert RARE not in str(told)
    assert {each[RESULT] for each in told} == {"planned"}
    assert told[0]["otelmon.db.plan.shape"].startswith("Aggregate(")
    (changed,) = events_of(observation, CHANGED)
    assert (changed[HASH], changed["otelmon.db.plan.previous_hash"]) == (truth[1], truth[0])


def test_a_lost_index_is_told_as_a_changed_plan(server: Server, oracle: Callable[..., str]) -> None:
    """After DROP INDEX the next slow call brings the event, with both hashes."""
    statement = "SELECT sum(n) FROM dropped WHERE n = %s"
    with closing(psycopg2.connect(server.url())) as owner:
        owner.autocommit = True
        owner.cursor().execute("DROP TABLE IF EXISTS dropped; CREATE TABLE dropped AS SELECT * FROM skewed")
        owner.cursor().execute("CREATE INDEX dropped_n ON dropped (n)")
        owner.cursor().execute("ANALYZE dropped")
        before = oracle(statement, (7,))
        with diagnosed(hook, threshold_ms=0) as (observation, _), closing(psycopg2.connect(server.url())) as connection:
            connection.cursor().execute(statement, (7,))
            connection.commit()
            planned(observation, 1)
            owner.cursor().execute("DROP INDEX dropped_n")
            began = time.monotonic()
            connection.cursor().execute(statement, (7,))
            changed = wait_for(lambda: events_of(observation, CHANGED))
    assert time.monotonic() - began < 60
    assert [(each["otelmon.db.plan.previous_hash"], each[HASH]) for each in changed] == [
        (before, oracle(statement, (7,)))
    ]


@pytest.mark.parametrize(
    ("statements", "result"),
    [
        pytest.param(["SELECT random() FROM skewed LIMIT 1"], "volatile_function", id="volatile"),
        pytest.param(["SELECT touched(1)"], "volatile_function", id="own-function"),
        pytest.param(["UPDATE skewed SET n = n WHERE id = 1"], "modifies_data", id="update"),
        pytest.param(["WITH a AS (DELETE FROM skewed WHERE id = 0) SELECT 1"], "modifies_data", id="cte"),
        pytest.param(["SELECT 1; DELETE FROM touched"], "several_statements", id="several"),
        pytest.param(["SELECT 'a\\'; DELETE FROM touched; --'"], "several_statements", id="hidden"),
        pytest.param(["CREATE TEMP TABLE own (id int)"], "not_a_query", id="ddl"),
        pytest.param(["SET search_path = public", "SELECT 1 FROM skewed LIMIT 1"], "cannot_tell", id="path"),
        pytest.param(["SET ROLE postgres", "SELECT 2 FROM skewed LIMIT 1"], "cannot_tell", id="role"),
        pytest.param(["SELECT set_config('enable_seqscan', 'off', false)", "SELECT 3 FROM skewed LIMIT 1"],
                     "cannot_tell", id="set-config"),
        pytest.param(["CREATE TABLE unseen (id int)", "SELECT id FROM unseen"], "refused_by_server", id="uncommitted"),
    ],
)  # fmt: skip
def test_what_is_not_planned_says_why(statements: list[str], result: str, server: Server) -> None:
    """Whatever could run, or be planned by other rules than the application's, is refused, and nothing runs twice."""
    with closing(psycopg2.connect(server.url())) as owner, owner.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS touched; CREATE TABLE touched AS SELECT 1 AS n")
        cursor.execute(
            "CREATE OR REPLACE FUNCTION touched(int) RETURNS int LANGUAGE sql"
            " AS 'INSERT INTO touched VALUES ($1) RETURNING 1'"
        )
        owner.commit()
        with diagnosed(hook, threshold_ms=0) as (observation, _), closing(psycopg2.connect(server.url())) as connection:
            for statement in statements:
                connection.cursor().execute(statement)
            connection.rollback()
            told = wait_for(lambda: [each for each in events_of(observation, PLAN) if each[RESULT] == result])
        assert HASH not in told[0]
        cursor.execute("SELECT count(*) FROM touched")
        assert cursor.fetchall() == [(1,)]


def test_budget_of_a_statement(server: Server) -> None:
    """A statement that is always slow is planned a few times at once, not each time."""
    with diagnosed(hook, threshold_ms=0) as (observation, _), closing(psycopg2.connect(server.url())) as connection:
        for number in range(40):
            connection.cursor().execute("SELECT kind FROM skewed WHERE id = %s", (number,))
        planned(observation, 3)
        other = "SELECT id FROM skewed WHERE n = 1"
        connection.cursor().execute(other)
        wait_for(
            lambda: [each for each in events_of(observation, PLAN) if each["db.query.text"].startswith("SELECT id")]
        )
        assert len(events_of(observation, PLAN)) <= 6


def test_parameters_beside_the_text_are_the_plans_own(server: Server, oracle: Callable[..., str]) -> None:
    """Psycopg 3 sends values apart: each plan is that of its own values; of a prepared statement nobody can tell."""
    with diagnosed(psycopg_hook, threshold_ms=0) as (observation, _), psycopg.connect(server.url()) as connection:
        for value in (RARE, COMMON):
            connection.execute(LOOKUP, (value,))
        told = planned(observation, 2)
        connection.execute("SELECT min(n) FROM skewed WHERE kind = %s", (COMMON,), prepare=True)
        told = planned(observation, 3)
    assert [each.get(HASH) for each in told] == [oracle(LOOKUP, (RARE,)), oracle(LOOKUP, (COMMON,)), None]
    assert [each[RESULT] for each in told] == ["planned", "planned", "cannot_tell"]


def test_statement_prepared_by_asyncpg_has_a_plan_without_arguments_only(
    server: Server, oracle: Callable[..., str]
) -> None:
    """Its arguments are not known in the server's form, and the server may use a plan for any values."""
    own = "SELECT max(n) FROM skewed WHERE kind = 'common'"

    async def run() -> None:
        connection = await asyncpg.connect(server.url().partition("?")[0])
        await connection.fetch(own)
        await connection.fetch("SELECT min(n) FROM skewed WHERE kind = $1", COMMON)
        await connection.close()

    with diagnosed(asyncpg_hook, threshold_ms=0) as (observation, _):
        asyncio.run(run())
        told = wait_for(
            lambda: len(found := [e for e in events_of(observation, PLAN) if "kind" in str(e)]) == 2 and found
        )
    assert {(each[RESULT], each.get(HASH)) for each in told} == {("planned", oracle(own, ())), ("cannot_tell", None)}
