"""What is left of an event for Sentry, whatever shape an application gave it."""

from __future__ import annotations

import pytest

from otelmon.rules.sentry_event import bare_event, free_text, scrub_event, scrub_log
from otelmon.rules.sentry_frames import scrub_stacktrace

PLANTED = "planted-4711"
SQL = f"SELECT a FROM t WHERE b = '{PLANTED}'"
ODD = [None, 1, "text", [], [1], {}, {"values": None}, {"values": 1}, {"values": [1, None]}]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"user": {"email": "a", "password": PLANTED}}, {"user": {"email": "a", "password": "[redacted]"}}),
        ({"tags": 1}, {"tags": {}}),
        ({"extra": {"sql": SQL}}, {"extra": {"sql": "SELECT a FROM t WHERE b = ?"}}),
        ({"extra": {"statement": 7}}, {"extra": {"statement": 7}}),
        ({"message": f"password={PLANTED}"}, {"message": "password=[redacted]"}),
        ({"message": 7}, {"message": ""}),
        (
            {"logentry": {"message": "a %s", "formatted": f"password={PLANTED}", "params": [PLANTED]}},
            {"logentry": {"message": "a %s", "formatted": "password=[redacted]"}},
        ),
        ({"logentry": [PLANTED]}, {"logentry": {}}),
        (
            {"request": {"method": "GET", "url": f"https://h/x?q={PLANTED}", "data": PLANTED, "cookies": PLANTED}},
            {"request": {"method": "GET", "url": "https://h/x"}},
        ),
        (
            {"request": {"headers": {"Authorization": PLANTED, "Accept": "a"}}},
            {"request": {"headers": {"Authorization": "[redacted]", "Accept": "a"}}},
        ),
        ({"request": {"headers": PLANTED}}, {"request": {"headers": {}}}),
        ({"request": PLANTED}, {"request": {}}),
        (
            {
                "contexts": {
                    "trace": {"trace_id": "1", "data": {"sql": SQL}},
                    "app": {"token": PLANTED},
                    "x": 1,
                }
            },
            {
                "contexts": {
                    "trace": {"trace_id": "1", "data": {"sql": "SELECT a FROM t WHERE b = ?"}},
                    "app": {"token": "[redacted]"},
                    "x": {},
                }
            },
        ),
        ({"contexts": {"trace": {"span_id": "2", "data": PLANTED}}}, {"contexts": {"trace": {"span_id": "2"}}}),
        ({"contexts": PLANTED}, {"contexts": {}}),
        (
            {"spans": [{"op": "db.query", "description": SQL, "data": {"sql": SQL}, "tags": PLANTED}, PLANTED]},
            {
                "spans": [
                    {
                        "op": "db.query",
                        "description": "SELECT a FROM t WHERE b = ?",
                        "data": {"sql": "SELECT a FROM t WHERE b = ?"},
                        "tags": {},
                    },
                    {},
                ]
            },
        ),
        ({"spans": PLANTED}, {"spans": []}),
        ({"breadcrumbs": [{"type": "query", "message": SQL, "data": PLANTED}]}, None),
        ({"transaction": f"/x token={PLANTED}"}, {"transaction": "/x token=[redacted]"}),
    ],
)
def test_part_becomes(part: dict[str, object], expected: dict[str, object] | None) -> None:
    """Each part keeps its shape and loses its values; what has another shape than Sentry's is dropped."""
    crumbs = {"breadcrumbs": {"values": [{"type": "query", "message": "SELECT a FROM t WHERE b = ?", "data": {}}]}}
    assert scrub_event(part) == (crumbs if expected is None else expected)


@pytest.mark.parametrize("part", ["exception", "threads", "breadcrumbs", "stacktrace", "contexts", "request", "extra"])
@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_no_shape_raises(part: str, odd: object) -> None:
    """An event that is not as Sentry documents it is scrubbed all the same, and left as it was."""
    event = {part: odd, "event_id": "1"}
    scrubbed = scrub_event(event)
    assert scrubbed["event_id"] == "1"
    assert event == {part: odd, "event_id": "1"}
    assert set(bare_event(event)) <= {"event_id", "exception", "contexts"}


def test_exception_is_read_by_its_class() -> None:
    """Module and type together tell what an error is of; data of its mechanism is redacted like attributes."""
    mechanism = {"type": "generic", "data": {"password": PLANTED}}
    thrown = {"module": "asyncpg.exceptions", "type": "CannotCoerceError", "value": PLANTED, "mechanism": mechanism}
    (seen,) = scrub_event({"exception": {"values": [thrown]}})["exception"]["values"]
    assert seen["value"] == "?"
    assert seen["mechanism"] == {"type": "generic", "data": {"password": "[redacted]"}}
    for odd in (PLANTED, {"data": PLANTED}):
        assert PLANTED not in str(scrub_event({"exception": [{"type": "A", "mechanism": odd}]}))
    assert scrub_event({"exception": [{"type": "ValueError", "value": 7}]})["exception"]["values"] == [
        {"type": "ValueError", "value": ""}
    ]


def test_bare_event_keeps_identity_trace_and_types() -> None:
    """What cannot be scrubbed is still counted where it belongs."""
    event = {
        "event_id": "1",
        "message": PLANTED,
        "contexts": {"trace": {"trace_id": "t", "span_id": "s", "data": PLANTED}, "app": PLANTED},
        "exception": {"values": [{"type": "ValueError", "value": PLANTED}, PLANTED, {}]},
    }
    assert bare_event(event) == {
        "event_id": "1",
        "contexts": {"trace": {"trace_id": "t", "span_id": "s"}},
        "exception": {"values": [{"type": "ValueError"}, {"type": "None"}]},
    }
    assert bare_event({"contexts": 1, "exception": 1}) == {}


def test_log_loses_the_values_of_its_template() -> None:
    """Parameters stand in the body again, which is redacted; other attributes are."""
    attributes = {"sentry.message.parameter.0": PLANTED, "token": PLANTED, "shop": "a"}
    seen = scrub_log({"body": f"password={PLANTED}", "attributes": attributes})
    assert seen == {"body": "password=[redacted]", "attributes": {"token": "[redacted]", "shop": "a"}}
    assert scrub_log({"body": None, "attributes": PLANTED}) == {"body": "", "attributes": {}}


def test_free_text_is_cut() -> None:
    """A message of the application's has at most 4096 characters."""
    assert len(free_text("a" * 5000)) == 4096


@pytest.mark.parametrize("odd", [None, 1, [], {"frames": 1}, {"frames": [1]}], ids=repr)
def test_odd_stacktrace(odd: object) -> None:
    """Frames that are none are left out."""
    assert scrub_stacktrace(odd).get("frames", []) == []


def test_frame_loses_its_variables() -> None:
    """Source lines stay without credentials; otelmon's own frames are to blame for nothing."""
    frame = {
        "module": "otelmon.hooks.x",
        "in_app": True,
        "vars": {"a": PLANTED},
        "context_line": f"password='{PLANTED}'",
        "pre_context": [f"token='{PLANTED}'", 7],
        "post_context": None,
    }
    (seen,) = scrub_stacktrace({"frames": [frame]})["frames"]
    assert PLANTED not in str(seen)
    assert (seen["in_app"], seen["pre_context"][1], "vars" in seen) == (False, "7", False)
    assert scrub_stacktrace({"frames": [{"module": "shop", "in_app": True}]})["frames"] == [
        {"module": "shop", "in_app": True}
    ]
