"""Every database call is an event of one schema where that is asked for, whatever is sampled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from tests.otlp_sink import attributes_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.otlp_sink import OtlpSink

APPLICATION = str(Path(__file__).with_name("operations.py"))
SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "schemas" / "otelmon.db.operation.v1.json").read_text())
OPERATIONS = 3000
NAME = "otelmon.db.operation"


def operations(sink: OtlpSink) -> list[dict[str, Any]]:
    """Returns the events of calls as the schema describes them, the connection's own apart."""
    found = [
        {
            "event_name": each.event_name,
            "severity_text": each.severity_text,
            "time_unix_nano": each.time_unix_nano,
            "trace_id": each.trace_id.hex(),
            "span_id": each.span_id.hex(),
            "attributes": attributes_of(each),
        }
        for each in sink.events()
        if each.event_name == NAME
    ]
    return [each for each in found if each["attributes"]["db.operation.name"] != "CONNECT"]


def start(run: Callable[..., Any], dsn: str, choice: str, ratio: str = "0.01") -> Any:
    """Runs the application at one percent head sampling, or another share."""
    done = run(
        APPLICATION,
        dsn,
        str(OPERATIONS),
        OTELMON_OPERATION_LOG=choice,
        OTEL_TRACES_SAMPLER="parentbased_traceidratio",
        OTEL_TRACES_SAMPLER_ARG=ratio,
        OTELMON_SHUTDOWN_TIMEOUT="60000",
    )
    assert done.code == 0, done.stderr
    return done


def test_with_all_each_operation_is_one_valid_event(run: Callable[..., Any], postgres_dsn: str) -> None:
    """Three thousand operations are three thousand events by the schema, each with the trace that it was made in."""
    done = start(run, postgres_dsn, "all")
    events = operations(done.sink)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert [problem.message for each in events for problem in validator.iter_errors(each)] == []
    assert len(events) == OPERATIONS
    assert {each["trace_id"] for each in events} == set(done.stdout.split())
    failed = [each for each in events if each["severity_text"] == "ERROR"]
    assert len(failed) == OPERATIONS // 100
    assert {each["attributes"]["db.response.status_code"] for each in failed} == {"22P02"}
    assert "planted" not in repr(events)


@pytest.mark.parametrize("choice", ["sampled", "off"])
def test_otherwise_only_what_is_sampled(run: Callable[..., Any], postgres_dsn: str, choice: str) -> None:
    """By the trace there are as many events as spans of calls that were not sent for failing; switched off, none."""
    done = start(run, postgres_dsn, choice, "0.5")
    sampled = {
        span.span_id.hex()
        for span in done.sink.spans()
        if "db.system.name" in (found := attributes_of(span)) and not found.get("otelmon.promoted")
    }
    logged = {each["span_id"] for each in operations(done.sink)}
    failed = {span.span_id.hex() for span in done.sink.spans() if attributes_of(span).get("otelmon.promoted")}
    connects = {span.span_id.hex() for span in done.sink.spans() if span.name == "CONNECT"}
    assert logged - failed == ((sampled - connects) if choice == "sampled" else set())


def test_the_schema_refuses_what_is_none() -> None:
    """A record without duration, with another version or a list is no event of this schema."""
    good = {
        "event_name": NAME,
        "severity_text": "INFO",
        "time_unix_nano": 1,
        "trace_id": "0" * 32,
        "span_id": "0" * 16,
        "attributes": {
            "otelmon.schema_version": 1,
            "otelmon.db.duration": 0.5,
            "db.system.name": "postgresql",
            "db.operation.name": "SELECT",
        },
    }
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert validator.is_valid(good)
    for broken in ({"otelmon.schema_version": 2}, {"otelmon.db.duration": "long"}, {"db.query.summary": ["a"]}):
        assert not validator.is_valid({**good, "attributes": {**good["attributes"], **broken}}), broken
