"""Errors that sentry-sdk reports carry the ids of the OpenTelemetry span in which they happened."""

from __future__ import annotations

from textwrap import dedent

import pytest

from demo.sentry_stand_in.app import create_app
from demo.server import LoopbackServer

SCRIPT = dedent("""\
    import os
    import sentry_sdk
    from opentelemetry import propagate, trace
    if os.environ.get("APPLICATION_INITIALIZES"):
        sentry_sdk.init(release="the-application")
    password = "planted-4711"
    with trace.get_tracer("t").start_as_current_span("page") as span:
        try:
            raise RuntimeError("boom")
        except RuntimeError as error:
            sentry_sdk.capture_exception(error)
        carrier = {}
        propagate.inject(carrier)
        print(format(span.get_span_context().trace_id, "032x"), sorted(carrier))
    sentry_sdk.flush(5)
    """)


@pytest.fixture
def sentry():
    """Yields the stand-in's store and the DSN that leads to it."""
    app = create_app(project="1", public_key="key")
    with LoopbackServer(app) as server:
        yield app.extensions["store"], f"http://key@127.0.0.1:{server.port}/1"


def events(store) -> list[dict]:
    """Returns the decoded error events that arrived."""
    return [item["payload"] for item in store.items if item["type"] == "event"]


def test_error_is_linked_to_the_trace(run, tmp_path, sentry) -> None:
    """For linking alone sentry-sdk is initialized: same trace id, W3C headers, no local variables, no spans."""
    store, dsn = sentry
    script = tmp_path / "failing.py"
    script.write_text(SCRIPT)
    done = run(str(script), SENTRY_DSN=dsn)
    assert done.code == 0, done.stderr
    trace_id, carrier = done.stdout.strip().split(" ", 1)
    (event,) = events(store)
    assert event["contexts"]["trace"]["trace_id"] == trace_id
    assert carrier == "['traceparent']"
    assert [span.name for span in done.sink.spans()] == ["page"]
    assert "planted-4711" not in str(event["exception"]["values"][0].get("stacktrace", {}).get("vars", ""))
    assert {item["type"] for item in store.items} <= {"event", "session", "sessions", "client_report"}


def test_application_that_initializes_sentry_itself_is_left_alone(run, tmp_path, sentry) -> None:
    """The application's own options win."""
    store, dsn = sentry
    script = tmp_path / "failing.py"
    script.write_text(SCRIPT)
    done = run(str(script), SENTRY_DSN=dsn, APPLICATION_INITIALIZES="1")
    assert done.code == 0, done.stderr
    (event,) = events(store)
    assert event["release"] == "the-application"
