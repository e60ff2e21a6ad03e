"""A database error is one event at Sentry, a statement one issue, over workers and restarts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from demo.sentry_stand_in.app import create_app
from demo.server import LoopbackServer
from tests.integration.launch.sentry_workers import WORKERS
from tests.otlp_sink import attributes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

APPLICATION = str(Path(__file__).with_name("sentry_workers.py"))
RUNS = 2


@pytest.fixture
def sentry() -> Iterator[tuple[Any, str]]:
    """Yields the stand-in's store and the DSN that leads to it."""
    app = create_app(project="1", public_key="key")
    with LoopbackServer(app) as server:
        yield app.extensions["store"], f"http://key@127.0.0.1:{server.port}/1"


def test_each_error_is_one_event_and_each_statement_one_issue(
    run: Callable[..., Any], sentry: tuple[Any, str], postgres_dsn: str
) -> None:
    """Four workers and a restart: eight errors, each once, with trace, SQLSTATE and fingerprint; two issues in all."""
    store, dsn = sentry
    traces: list[str] = []
    for number in range(RUNS):
        done = run(
            APPLICATION, postgres_dsn, WORD=f"planted{number}", SENTRY_DSN=dsn, OTELMON_SLOW_QUERY_THRESHOLD="100"
        )
        assert done.code == 0, done.stderr
        traces += done.stdout.split()
    events = [each["payload"] for each in store.items if each["type"] == "event"]
    slow = [each for each in events if each["fingerprint"][0] == "otelmon.db.slow" and "pg_sleep" in str(each)]
    failed = [each for each in events if each["fingerprint"][0] == "otelmon.db.error"]
    assert sorted(each["contexts"]["trace"]["trace_id"] for each in failed) == sorted(traces)
    assert len(failed) == WORKERS * RUNS
    assert {each["tags"]["db.sqlstate"] for each in failed} == {"22P02"}
    assert {each["contexts"]["database"]["db.query.text"] for each in failed} == {"SELECT %s::int"}
    # Sentry makes one issue of events with equal fingerprints.
    assert len({tuple(each["fingerprint"]) for each in failed}) == 1
    assert len({tuple(each["fingerprint"]) for each in slow}) == 1
    assert len(slow) == WORKERS * RUNS
    assert "planted" not in str(events)


def test_the_record_of_a_reported_error_says_so(
    run: Callable[..., Any], sentry: tuple[Any, str], postgres_dsn: str
) -> None:
    """The log records of errors are all there, marked as captured, so that Sentry need not get them a second time."""
    done = run(APPLICATION, postgres_dsn, WORD="planted", SENTRY_DSN=sentry[1], OTELMON_SLOW_QUERY_THRESHOLD="100")
    records = [attributes_of(each) for each in done.sink.events() if each.event_name == "otelmon.db.error"]
    assert [each.get("otelmon.sentry.captured") for each in records] == [True] * WORKERS
    without = run(APPLICATION, postgres_dsn, WORD="planted", OTELMON_SLOW_QUERY_THRESHOLD="100")
    records = [attributes_of(each) for each in without.sink.events() if each.event_name == "otelmon.db.error"]
    assert [each.get("otelmon.sentry.captured") for each in records[WORKERS:]] == [None] * WORKERS


def test_the_minute_has_an_exact_count(run: Callable[..., Any], postgres_dsn: str) -> None:
    """Each worker's slow calls of one statement have ranks, and the sum of the counts is the number of calls."""
    done = run(APPLICATION, postgres_dsn, WORD="planted", OTELMON_SLOW_QUERY_THRESHOLD="100")
    spans = [found for each in done.sink.spans() if "pg_sleep" in str(found := attributes_of(each))]
    counted = [attributes_of(each) for each in done.sink.events() if each.event_name == "otelmon.db.marked_calls"]
    fingerprint = spans[0]["otelmon.db.query.fingerprint"]
    of_statement = [
        each["otelmon.marked.count"] for each in counted if each["otelmon.db.query.fingerprint"] == fingerprint
    ]
    assert len(spans) == WORKERS * 3
    assert all(1 <= each["otelmon.marked.rank"] <= 3 for each in spans)
    # A minute may end in between; a count of one is told by its span alone.
    alone = sum(each["otelmon.marked.rank"] == 1 for each in spans) - len(of_statement)
    assert sum(of_statement) + alone == WORKERS * 3
