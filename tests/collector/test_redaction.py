"""What a careless sender puts into telemetry does not reach any back end nor the queue on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.collector.telemetry import CLIENT, gauge, logs, pairs, span, traces
from tests.otlp_sink import OtlpSink, attributes_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.proto.trace.v1.trace_pb2 import Span

    from tests.collector.conftest import Collector

pytestmark = pytest.mark.parts

SECRET = "planted-Secret"
NUMBER = "424242017"
TOKENS = {
    "classic token": "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8",
    "fine-grained token": "github_pat_11ABCDEFG0" + "x1y2z3" * 8,
    "json web token": "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxMjM0NSJ9.c2lnbmF0dXJl",
    "connection url": f"postgresql://app:{SECRET}@db.internal:5432/app",
    "connection words": f"host=db.internal password={SECRET} dbname=app",
    "bearer": "Bearer abcdefghij0123456789abcdef",
    "cloud key": "AKIA" + "ABCDEFGHIJ234567",
    "sentry token": "sntrys_" + "eyJpYXQiOjE3MDAwMDAwMDB9_abcdefgh",
    "private key": "-----BEGIN " + f"RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----",
}
LEAKED = (SECRET, NUMBER, *(value for name, value in TOKENS.items() if not name.startswith(("connection", "private"))))
PG = {"db.system.name": "postgresql"}
OTHER = {"db.system.name": "aws.redshift"}
SQL = f"SELECT * FROM users WHERE email = '{SECRET}' AND id = {NUMBER}"


def with_event(name: str, attributes: dict[str, Any]) -> Span:
    """Returns a failed span with one event."""
    made = span("event", PG, error="")
    made.events.add(name=name, attributes=pairs(attributes))
    return made


SPANS: list[Any] = [
    pytest.param(span("SELECT", {**PG, "db.query.text": SQL}, milliseconds=900), id="literals"),
    pytest.param(span("SELECT", {"db.system": "postgresql", "db.statement": SQL}), id="literals, old name"),
    pytest.param(span("SELECT", {"db.query.text": SQL}), id="literals, system not said"),
    pytest.param(span("SELECT", {"db.query.text": f"SELECT 1 WHERE id = {NUMBER}"}), id="number, system not said"),
    pytest.param(span("SELECT", {"db.statement": f"SELECT 1 WHERE id = {NUMBER}"}), id="number, old name, not said"),
    pytest.param(
        span("SELECT", {**PG, "db.query.text": f"SELECT 1 WHERE a = {NUMBER} AND e = '{SECRET}"}),
        id="cut short",
    ),
    pytest.param(span("SELECT", {**PG, "db.query.text": f"SELECT E'it\\'s {SECRET}', {NUMBER}"}), id="escape string"),
    pytest.param(span("SELECT", {**PG, "db.query.text": f"SELECT $q${SECRET}$q$, {NUMBER}"}), id="dollar quotes"),
    pytest.param(span("SELECT", {**PG, "db.query.text": f"SELECT 1 -- don't\n, '{SECRET}'"}), id="quote in a comment"),
    pytest.param(span("SELECT", {**PG, "db.query.text": f"COPY t FROM STDIN /* {SECRET} */"}), id="comment"),
    pytest.param(span("SELECT", {**PG, "db.query.text": f"SELECT 1 -- {SECRET}\nFROM t"}), id="line comment"),
    pytest.param(span(SQL, PG), id="statement as name"),
    pytest.param(span("SELECT", {**PG, "db.query.parameter.0": SECRET, "db.query.parameter.id": NUMBER}), id="bound"),
    pytest.param(span("SELECT", {**PG, "db.statement.parameters": f"({SECRET!r},)"}), id="bound, old name"),
    pytest.param(
        span("GET", {"url.full": f"https://api.github.com/repos?access_token={SECRET}&page={NUMBER}"}), id="url.full"
    ),
    pytest.param(span("GET", {"url.query": f"token={SECRET}&page={NUMBER}"}), id="url.query"),
    pytest.param(span("GET", {"http.url": f"https://user:{SECRET}@api.github.com/x?q={NUMBER}"}), id="http.url"),
    pytest.param(span(f"GET https://api.github.com/x?token={SECRET}"), id="url as name"),
    pytest.param(span("GET", {"http.request.header.authorization": [f"token {SECRET}"]}), id="header"),
    pytest.param(span("GET", {"http.response.header.set_cookie": [f"sid={SECRET}"]}), id="cookie"),
    pytest.param(span("x", {"app.password": SECRET, "client_secret": SECRET, "api-key": SECRET}), id="telling keys"),
    pytest.param(span("x", {"note": [f"use {TOKENS['classic token']}"]}), id="within a list"),
    pytest.param(
        span("INSERT", PG, error=f"duplicate key value\nDETAIL:  Key (email)=({SECRET}) already exists."), id="detail"
    ),
    pytest.param(
        span("SELECT", PG, error=f"invalid input syntax for type integer: \"{SECRET}\"\nLINE 1: ... '{SECRET}'"),
        id="invalid input",
    ),
    pytest.param(
        span("INSERT", PG, error=f"x\n[SQL: INSERT ...]\n[parameters: ({SECRET!r}, {NUMBER})]"), id="parameters"
    ),
    pytest.param(span("GET", error=f"401 for https://api.github.com/x?token={SECRET}"), id="url in message"),
    pytest.param(
        with_event(
            "exception",
            {
                "exception.message": f"duplicate key value\nDETAIL:  Key (email)=({SECRET}) already exists.",
                "exception.stacktrace": f"File app.py\nUniqueViolation: x\nDETAIL:  Key (email)=({SECRET})",
            },
        ),
        id="exception event",
    ),
    pytest.param(
        with_event(
            "exception",
            {
                "exception.message": f"""invalid input: "{SECRET}" near '{SECRET}' for https://h/x?token={SECRET}""",
                "exception.stacktrace": f"""x\nDataError: invalid input: "{SECRET}" for https://h/x?token={SECRET}""",
            },
        ),
        id="exception event, quoted",
    ),
    pytest.param(span("SELECT", {**OTHER, "db.query.text": SQL}), id="another system"),
    pytest.param(span("SELECT", {**OTHER, "db.statement": SQL}), id="another system, old name"),
    pytest.param(span("SELECT", {**OTHER, "db.query.text": f"SELECT {NUMBER}"}), id="number, another system"),
    pytest.param(span("SELECT", {**OTHER, "db.statement": f"SELECT {NUMBER}"}), id="number, another, old name"),
    pytest.param(span("x", error=f"could not parse '{SECRET}'"), id="quoted in message"),
    pytest.param(span("GET", {"http.target": f"/x?token={SECRET}"}), id="http.target"),
    pytest.param(span("SELECT", {"db.query.text": f"SELECT '{SECRET}"}), id="cut short, not said"),
    pytest.param(span("SELECT", {**PG, "db.statement": f"SELECT {NUMBER}, '{SECRET}"}), id="cut short, old name"),
    pytest.param(span("SELECT", {**PG, "db.statement": f"SELECT 1 /* {SECRET} */"}), id="comment, old name"),
    *(pytest.param(span("x", {"note": f"uses {value} now"}), id=f"{name}, value") for name, value in TOKENS.items()),
    *(pytest.param(span("x", error=f"uses {value} here"), id=f"{name}, status") for name, value in TOKENS.items()),
    *(
        pytest.param(span(f"uses {value} now"), id=f"{name}, name")
        for name, value in TOKENS.items()
        if name in ("classic token", "fine-grained token", "json web token", "connection url")
    ),
    *(pytest.param(with_event("e", {"note": value}), id=f"{name}, event") for name, value in TOKENS.items()),
]
SENT = [case.values[0] for case in SPANS]


@pytest.fixture(scope="module")
def collector(start_collector: Callable[..., Collector]) -> Collector:
    """Returns one Collector that all cases go through."""
    return start_collector()


@pytest.fixture(scope="module")
def arrived(collector: Collector, sinks: dict[str, OtlpSink]) -> dict[bytes, Span]:
    """Sends every case at once and returns what Sentry got, by span id."""
    collector.send("/v1/traces", traces(SENT))
    wanted = {each.span_id for each in SENT}
    for name in ("jaeger", "sentry"):
        sinks[name].wait_for(lambda sink: wanted <= {each.span_id for each in sink.spans()})
    return {each.span_id: each for each in sinks["sentry"].spans()}


@pytest.mark.parametrize("sent", SPANS)
def test_nothing_planted_in_a_span_arrives(arrived: dict[bytes, Span], sent: Span) -> None:
    """No planted literal or token is in the span that arrives, in any field."""
    text = repr(arrived[sent.span_id])
    assert [planted for planted in LEAKED if planted in text] == [], text


def test_what_is_harmless_stays(collector: Collector, sinks: dict[str, OtlpSink]) -> None:
    """Redaction leaves the shape of a statement, the path of an address and our own attributes alone."""
    harmless = {
        "db.query.text": "SELECT id, login FROM contributors WHERE repository_id = %s ORDER BY login",
        "db.system.name": "postgresql",
        "url.full": "https://api.github.com/repos/a/b",
        "server.address": "api.github.com",
        "server.port": 443,
        "otelmon.github.rate_limit.remaining": 4999,
        "otelmon.github.rate_limit.reset": 1790000000,
        "code.file.path": "app/contributors.py",
        "tokens_used": "12",
    }
    sent = span("SELECT contributors", harmless, kind=CLIENT)
    collector.send("/v1/traces", traces([sent]))
    sinks["jaeger"].wait_for(lambda sink: sent.span_id in {each.span_id for each in sink.spans()})
    got = next(each for each in sinks["jaeger"].spans() if each.span_id == sent.span_id)
    assert (got.name, attributes_of(got)) == ("SELECT contributors", harmless)


def test_nothing_planted_in_an_event_arrives(collector: Collector, sinks: dict[str, OtlpSink]) -> None:
    """A log record loses literals, tokens, query values and PostgreSQL's details; the rest of its body stays."""
    body = f"slow query 812 ms, {TOKENS['classic token']}, https://h/x?token={SECRET}\nDETAIL: Key ({SECRET})"
    attributes = {
        "db.query.text": SQL + " -- don't\n",
        "url.full": f"https://api.github.com/x?token={SECRET}",
        "exception.message": f"duplicate key\nDETAIL:  Key (email)=({SECRET}) already exists.",
        "exception.stacktrace": f"File app.py\nUniqueViolation: x\nDETAIL:  Key (email)=({SECRET})",
        "app.dsn": TOKENS["connection url"],
        "url.query": f"token={SECRET}",
        "db.statement": SQL,
        "db.query.parameter.0": SECRET,
        "db.statement.parameters": f"({SECRET!r},)",
        "http.request.header.authorization": [SECRET],
    }
    collector.send("/v1/logs", logs(body, attributes, "otelmon.db.slow"))
    sinks["sentry"].wait_for(lambda sink: any(each.event_name == "otelmon.db.slow" for each in sink.events()))
    event = next(each for each in sinks["sentry"].events() if each.event_name == "otelmon.db.slow")
    assert [planted for planted in LEAKED if planted in repr(event)] == []
    assert event.body.string_value.startswith("slow query 812 ms, ****")
    assert attributes_of(event)["db.query.text"].startswith("SELECT * FROM users WHERE email = ?")


def test_a_quoted_value_in_an_event_goes(collector: Collector, sinks: dict[str, OtlpSink]) -> None:
    """Messages of exceptions lose what stands in quotes after "invalid input", and every literal."""
    message = f"""invalid input syntax for type integer: "{SECRET}", near '{SECRET}'"""
    collector.send("/v1/logs", logs("failed", {"exception.message": message}, "otelmon.db.error"))
    sinks["sentry"].wait_for(lambda sink: any(each.event_name == "otelmon.db.error" for each in sink.events()))
    event = next(each for each in sinks["sentry"].events() if each.event_name == "otelmon.db.error")
    assert attributes_of(event)["exception.message"] == "invalid input syntax for type integer: ?, near ?"


def test_no_byte_at_any_back_end_nor_on_disk_has_a_secret(
    arrived: dict[bytes, Span], collector: Collector, sinks: dict[str, OtlpSink]
) -> None:
    """The raw requests that every back end got, and the queue files, hold none of the planted values."""
    assert arrived
    collector.send("/v1/metrics", gauge("g", 1))
    sinks["metrics"].wait_for(lambda sink: {"g", "traces.span.metrics.calls"} <= set(sink.metrics()))
    raw = [body for sink in sinks.values() for _, body in sink.raw]
    disk = [path.read_bytes() for path in Path(collector.environment["OTELMON_COLLECTOR_QUEUE_DIRECTORY"]).iterdir()]
    assert len(disk) == 4
    found = {planted for planted in LEAKED for content in (*raw, *disk) if planted.encode() in content}
    assert found == set()
