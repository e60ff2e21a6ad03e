"""A log record becomes one line of JSON in which no planted value stands."""

from __future__ import annotations

import json
import logging

import pytest

from otelmon import guard
from otelmon.exporters.json_logs import JsonFormatter
from otelmon.rules.log_line import LogFacts, log_line
from tests.unit.rules.planted import ERRORS, TEXTS, leaked, split


@pytest.mark.parametrize("marked", TEXTS)
def test_no_value_in_message_or_extra(marked: str) -> None:
    """A text loses its credentials, as message and as something given beside it, and the line stays one line."""
    text, values = split(marked)
    line = log_line(LogFacts("t", "INFO", "a", text, attributes={"note": text, "notes": [text]}))
    assert "\n" not in line
    assert leaked(json.loads(line), values) == []


@pytest.mark.parametrize(("kind", "marked"), ERRORS)
def test_no_value_of_an_error(kind: str, marked: str) -> None:
    """An error's message and trace lose their values."""
    message, values = split(marked)
    trace = f'Traceback (most recent call last):\n  File "/a.py", line 1, in f\n    x\n{kind}: {message}\n'
    shown = json.loads(log_line(LogFacts("t", "ERROR", "a", "failed", error=(kind, message, trace))))
    assert leaked(shown, values) == []
    assert shown["error"]["stacktrace"].startswith("Traceback")


def test_a_message_is_cut() -> None:
    """A message has at most 8192 characters."""
    assert json.loads(log_line(LogFacts("t", "INFO", "a", "x" * 9000)))["message"] == "x" * 8192


def test_a_record_that_cannot_be_written_says_so() -> None:
    """A broken template costs its record, not the application."""
    guard.set_strict(False)
    line = JsonFormatter("s").format(logging.makeLogRecord({"msg": "%d", "args": ("x",)}))
    guard.set_strict(True)
    guard.reset()
    assert json.loads(line)["message"] == "record_not_written"
