"""The application's logging is left alone unless asked for; then it is JSON, OTLP or both, with trace ids."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from tests.otlp_sink import attributes_of

if TYPE_CHECKING:
    from collections.abc import Callable

APPLICATION = str(Path(__file__).with_name("logging_application.py"))
SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "schemas" / "log-line.v1.json").read_text())
PLANTED = "planted-4711"


def lines(done: Any) -> list[dict[str, Any]]:
    """Returns the application's lines of JSON, which keep to the schema."""
    found = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    for each in found:
        jsonschema.Draft202012Validator(SCHEMA).validate(each)
    return [each for each in found if each["logger"] == "application"]


def sent(done: Any) -> list[Any]:
    """Returns the records that arrived by OTLP and are not otelmon's own events."""
    return [each for each in done.sink.events() if not each.event_name.startswith("otelmon.")]


def test_nothing_is_touched_unless_asked_for(run: Callable[..., Any]) -> None:
    """The root logger has no handler, and no record leaves."""
    done = run(APPLICATION)
    assert done.stdout.split()[2] == "0"
    assert sent(done) == []


@pytest.mark.parametrize("choice", ["json", "both"])
def test_lines_carry_ids_and_no_secrets(run: Callable[..., Any], choice: str) -> None:
    """Each line keeps to the schema; those within a span have its ids, and no planted value is in any of them."""
    done = run(APPLICATION, OTELMON_LOGS=choice)
    trace_id, span_id, _ = done.stdout.split()
    found = lines(done)
    assert [each.get("trace_id") for each in found] == [None, trace_id, trace_id, trace_id]
    assert [each.get("span_id") for each in found] == [None, span_id, span_id, span_id]
    assert {each["service"] for each in found} == {"launch-test"}
    assert PLANTED not in done.stderr
    assert found[1]["attributes"]["user"] == "jane"
    assert found[2]["event"] == "application.late"
    assert found[3]["error"]["type"].endswith("UniqueViolation")
    assert "in main" in found[3]["error"]["stacktrace"]


@pytest.mark.parametrize("choice", ["otlp", "both"])
def test_records_leave_by_otlp(run: Callable[..., Any], choice: str) -> None:
    """They arrive with ids, severity and event name; libraries that exporters use are left out."""
    done = run(APPLICATION, OTELMON_LOGS=choice)
    trace_id, _, _ = done.stdout.split()
    found = sent(done)
    assert [each.severity_text for each in found] == ["INFO", "INFO", "WARNING", "ERROR"]
    assert [each.trace_id.hex() for each in found] == ["", trace_id, trace_id, trace_id]
    assert found[2].event_name == "application.late"
    assert attributes_of(found[3])["exception.type"].endswith("UniqueViolation")
    assert PLANTED not in repr(done.sink.raw)


def test_the_level_is_chosen(run: Callable[..., Any]) -> None:
    """With the level warning there are two lines."""
    done = run(APPLICATION, OTELMON_LOGS="json", OTELMON_LOGS_LEVEL="warning")
    assert [each["level"] for each in lines(done)] == ["WARNING", "ERROR"]
