"""The catalogue describes what the code puts on spans and into the event of a leak."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from otelmon import signals
from otelmon.hooks.urllib3 import answer_attributes
from otelmon.processors.marks import marks_of
from otelmon.records import Checkout, GitHubAnswer, RateLimit
from otelmon.settings import Settings
from otelmon.watch.leaks import LEAKED, leak_attributes

CHECKOUT = Checkout("p", 0, 0, code_function_name="f", code_file_path="/app.py", code_line_number=3)


def emitted() -> dict[str, str | bool | int | float]:
    """Returns one value of every attribute that otelmon puts on a span."""
    slow = ReadableSpan(
        "SELECT", kind=SpanKind.CLIENT, attributes={"db.system.name": "postgresql"}, start_time=1, end_time=10**10
    )
    answer = GitHubAnswer(403, "o", RateLimit(1, 0, 1, 1, "core"), "primary")
    return {**marks_of(slow, Settings()), **answer_attributes(answer), **leak_attributes(CHECKOUT, 1)}


@pytest.mark.parametrize("name", [name for name in emitted() if name.startswith("otelmon.")])
def test_span_attribute_is_described(name: str) -> None:
    """Every attribute of ours is in the catalogue, with the type that it has."""
    types = {"string": str, "boolean": bool, "int": int, "double": float}
    described = {signal.name: signal.value for signal in signals.SPAN_ATTRIBUTES}
    assert type(emitted()[name]) is types[described[name]]


def test_leak_event_is_described() -> None:
    """The event of a leak and its attributes are those that the watch emits."""
    described = {event.name: event.attributes for event in signals.EVENTS}
    assert described[LEAKED] == tuple(leak_attributes(CHECKOUT, 1))


@pytest.mark.parametrize("kind", [signals.METRICS, signals.SPAN_ATTRIBUTES, signals.EVENTS])
def test_names_are_unique(kind: tuple[signals.Metric | signals.Signal, ...]) -> None:
    """No name is described twice."""
    names = [each.name for each in kind]
    assert len(names) == len(set(names))
