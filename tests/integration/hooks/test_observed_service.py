"""Hooks and gauges in a real service under ``opentelemetry-instrument``: what happened is what a receiver gets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from psycopg2.extensions import parse_dsn

if TYPE_CHECKING:
    from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

    from tests.conservation.books import BookedSink
    from tests.integration.hooks.conftest import GitHubServer

SERVICE = Path(__file__).parent / "observed_service.py"
WRAPPER = Path(sys.executable).parent / "opentelemetry-instrument"
SECRETS = (b"planted-4711",)


# Ends long before the watch looks for the first time.
IN_A_HURRY = """
import sys
from psycopg2.pool import PoolError, ThreadedConnectionPool
pool = ThreadedConnectionPool(1, 1, sys.argv[1])
connection = pool.getconn()
try:
    pool.getconn()
except PoolError as error:
    print(error)
pool.putconn(connection)
"""
# One request that asks for each of many things.
REPEATING = """
import sys
import psycopg2
from opentelemetry import trace
cursor = psycopg2.connect(sys.argv[1]).cursor()
with trace.get_tracer("application").start_as_current_span("page"):
    for number in range(20):
        with trace.get_tracer("application").start_as_current_span("item"):
            cursor.execute("SELECT name FROM contributors n(a, name) WHERE a = %s", (number,))
"""


def run(receiver: BookedSink, *arguments: str, **chosen: str) -> str:
    """Runs a program under the wrapper until it ends well, and returns what it printed."""
    command = [str(WRAPPER), sys.executable, *arguments]
    done = subprocess.run(
        command, env=receiver.environment(**chosen), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def told(sink: BookedSink, postgres_dsn: str, github_server: GitHubServer) -> BookedSink:
    """Returns a receiver that holds everything that one run of the service has sent."""
    hosts = github_server.url.removeprefix("http://")
    arguments = (str(SERVICE), postgres_dsn, github_server.url)
    printed = run(sink, *arguments, OTELMON_GITHUB_HOSTS=hosts, OTELMON_LEAK_AFTER="200")
    assert printed == "connection pool exhausted\ndone\n"
    return sink


def events(sink: BookedSink, name: str) -> list[LogRecord]:
    """Returns the events of one name that arrived."""
    return [
        record
        for message in sink.messages("/v1/logs")
        for record in (r for each in message.resource_logs for s in each.scope_logs for r in s.log_records)
        if record.event_name == name
    ]


def test_process_that_ends_at_once_has_told_everything(sink: BookedSink, tmp_path: Path, postgres_dsn: str) -> None:
    """What the watch has not seen yet when the process ends is sent with the rest."""
    script = tmp_path / "in_a_hurry.py"
    script.write_text(IN_A_HURRY)
    assert run(sink, str(script), postgres_dsn) == "connection pool exhausted\n"
    assert len(events(sink, "otelmon.pool.exhausted")) == 1
    assert times(sink) == {"db.client.connection.use_time": 1}


def test_repetitions_of_a_request_arrive(sink: BookedSink, tmp_path: Path, postgres_dsn: str) -> None:
    """The span of the request, an event in it and the counter tell of a query that is asked once for each of many."""
    script = tmp_path / "repeating.py"
    script.write_text(REPEATING)
    run(sink, str(script), postgres_dsn, OTEL_TRACES_SAMPLER="always_on")
    (page,) = [span for span in sink.spans() if span.name == "page"]
    values = {each.key: each.value for each in page.attributes}
    assert values["otelmon.n_plus_one.count"].int_value == 20
    assert values["otelmon.n_plus_one.line"].string_value == f"{script}:9"
    (event,) = events(sink, "otelmon.n_plus_one")
    assert event.span_id == page.span_id
    assert sum(last_points(sink)["otelmon.db.client.n_plus_one"].values()) == 1


def last_points(sink: BookedSink) -> dict[str, dict[tuple[str, ...], float]]:
    """Returns the last value of every point by metric and attribute values, sorted by attribute name."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for message in sink.messages("/v1/metrics"):
        for metric in (m for r in message.resource_metrics for s in r.scope_metrics for m in s.metrics):
            data = getattr(metric, metric.WhichOneof("data"))
            for point in data.data_points if metric.WhichOneof("data") in ("sum", "gauge") else ():
                labels = tuple(a.value.string_value for a in sorted(point.attributes, key=lambda a: a.key))
                found.setdefault(metric.name, {})[labels] = point.as_int or point.as_double
    return found


def test_everything_that_happened_arrives(told: BookedSink, postgres_dsn: str) -> None:
    """Pool, cache, budget and leak of the service stand in the metrics, span and event that it sent."""
    parts = parse_dsn(postgres_dsn)
    pool = f"{parts['host']}:{parts['port']}/{parts['dbname']}#1"
    points = last_points(told)
    assert points["db.client.connection.count"] == {(pool, "idle"): 0, (pool, "used"): 2}
    assert points["db.client.connection.max"] == {(pool,): 2}
    assert points["db.client.connection.timeouts"] == {(pool,): 1}
    assert points["otelmon.db.client.connection.checkouts"] == {(pool,): 3}
    kinds = {"abandoned": 2, "idle": 0, "in_transaction": 0, "closed": 0}
    assert points["otelmon.db.client.connection.leaked"] == {(pool, kind): count for kind, count in kinds.items()}
    assert points["otelmon.db.client.connection.held_longest"][(pool,)] >= 1
    assert points["otelmon.cache.requests"] == {("__main__.doubled", "hit"): 1, ("__main__.doubled", "miss"): 2}
    assert points["otelmon.github.requests"] == {("core", "/repos/{owner}/{repo}"): 1}
    assert list(points["otelmon.github.rate_limit.remaining"].values()) == [4998]
    assert times(told) == {"db.client.connection.use_time": 1, "db.client.connection.create_time": 1}
    assert "otelmon.internal.errors" not in points


def times(sink: BookedSink) -> dict[str, int]:
    """Returns how many times were recorded of pools, by instrument, in the last export."""
    return {
        metric.name: sum(point.count for point in metric.histogram.data_points)
        for message in sink.messages("/v1/metrics")
        for metric in (m for r in message.resource_metrics for s in r.scope_metrics for m in s.metrics)
        if metric.name.startswith("db.client.connection.") and metric.WhichOneof("data") == "histogram"
    }


def test_spans_say_what_github_said_and_who_leaked(told: BookedSink) -> None:
    """The GitHub span has its budget; each leak is a span of the same trace that names the line; no secret is sent."""
    spans = told.spans()
    values = [{a.key: a.value for a in span.attributes} for span in spans]
    (remaining,) = [each["otelmon.github.rate_limit.remaining"].int_value for each in values if _has_budget(each)]
    assert remaining == 4998
    leaks = [each for each in values if "otelmon.keep" in each and each["otelmon.keep"].string_value == "leak"]
    assert [Path(each["code.file.path"].string_value) for each in leaks] == [SERVICE] * 2
    assert {each["otelmon.db.client.connection.leak.kind"].string_value for each in leaks} == {"abandoned"}
    assert len({span.trace_id for span in spans if span.name != "CONNECT"}) == 1  # the pool connects before the request
    assert not any(secret in body for secret in SECRETS for _, body in told.raw)


def test_exhaustion_arrives_in_the_trace_of_the_refused_request(told: BookedSink) -> None:
    """The event names both holders, though the process ended a second later; its values are scalars."""
    (exhausted,) = events(told, "otelmon.pool.exhausted")
    assert exhausted.trace_id in {span.trace_id for span in told.spans() if span.name == "page"}
    values = {each.key: each.value for each in exhausted.attributes}
    assert values["otelmon.db.pool.holders"].int_value == values["otelmon.db.pool.max"].int_value == 2
    assert values["otelmon.db.pool.oldest_holder.state"].string_value == "abandoned"
    assert values["otelmon.db.pool.oldest_holder.file"].string_value == str(SERVICE)
    assert str(SERVICE) in values["otelmon.db.pool.other_holders"].string_value
    assert not {each.WhichOneof("value") for each in values.values()} & {"array_value", "kvlist_value"}


def _has_budget(attributes: dict[str, object]) -> bool:
    return "otelmon.github.rate_limit.remaining" in attributes
