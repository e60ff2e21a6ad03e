"""What is worth an event, and that it is sent once."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from otelmon import signals
from otelmon.operate.observe import occurrences, reasons
from otelmon.operate.observe.episodes import Episodes, Resets
from otelmon.operate.observe.facts import Change, Server, change
from otelmon.operate.observe.tidings import MOST_EVENTS, Tidings
from otelmon.signals import postgresql_events as events

DESCRIBED = {event.name: set(event.attributes) for event in signals.POSTGRESQL_EVENTS}
NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
HERE = Server("17.1", False, NOON, NOON + timedelta(hours=1), "10.0.0.1:5432", "app", "otelmon_reader")


def blocked(root: int, seconds: float, **more: Any) -> dict[str, Any]:
    """Returns a row of the view blocking."""
    row = dict.fromkeys(
        ["root_user_name", "root_application_name", "root_state", "root_transaction_seconds", "lock_type", "lock_mode"],
        "x",
    )
    return {**row, "root_query_id": -5, "relation_name": None, "root_pid": root, "wait_seconds": seconds, **more}


def idle(pid: int | None, seconds: float | None, **more: Any) -> dict[str, Any]:
    """Returns a row of the view open_transactions."""
    row = dict.fromkeys(["database_name", "user_name", "application_name", "state", "query_id"], "x")
    ages = {"in_state_seconds": seconds, "transaction_age_seconds": 90.0}
    return {**row, "idle_in_transaction": True, "pid": pid, **ages, **more}


def slot(active: bool) -> dict[str, Any]:
    """Returns a row of the view replication_slots."""
    return {"slot_name": "s", "active": active, "retained_bytes": 5, "wal_status": "reserved"}


def database(ratio: float) -> dict[str, Any]:
    """Returns a row of the view wraparound."""
    return {"database_name": "app", "used_ratio": ratio, "transaction_id_age": 7}


class Heard:
    """Takes events."""

    def __init__(self) -> None:
        self.all: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, name: str, attributes: Any, *, trace_id: int, span_id: int) -> None:
        """Takes one event, which has to be as it is described."""
        assert (trace_id, span_id) == (0, 0)
        assert set(attributes) <= DESCRIBED[name]
        self.all.append((name, attributes))

    @property
    def names(self) -> list[str]:
        """Returns the names of the events."""
        return [name for name, _ in self.all]


@pytest.mark.parametrize(
    ("view", "looks", "expected"),
    [
        pytest.param("blocking", [[blocked(1, 2.0)], [blocked(1, 9.0)]], [events.BLOCKING], id="a chain, once"),
        pytest.param("blocking", [[blocked(1, 0.4)]], [], id="a moment"),
        pytest.param("blocking", [[blocked(1, 2)], [], [blocked(1, 2)]], [events.BLOCKING] * 2, id="a chain again"),
        pytest.param("open_transactions", [[idle(1, 61.0)]] * 2, [events.IDLE_IN_TRANSACTION], id="idle"),
        pytest.param("open_transactions", [[idle(None, None)]], [events.IDLE_IN_TRANSACTION], id="prepared"),
        pytest.param("open_transactions", [[idle(1, 59.0)]], [], id="idle for a short time"),
        pytest.param("open_transactions", [[idle(1, 90.0, idle_in_transaction=False)]], [], id="long and busy"),
        pytest.param("wraparound", [[database(0.4)], [database(0.5)], [database(0.6)]], [events.WRAPAROUND], id="wrap"),
        pytest.param("replication_slots", [[slot(False)]], [], id="slot inactive at one look"),
        pytest.param("replication_slots", [[slot(False)]] * 3, [events.SLOT_INACTIVE], id="slot inactive"),
        pytest.param("replication_slots", [[slot(False)], [slot(True)], [slot(False)]], [], id="slot reconnecting"),
    ],
)
def test_event_is_sent_when_something_begins(view: str, looks: list[list[Any]], expected: list[str]) -> None:
    """An event comes once for what begins and goes on, and again for what ended and began anew."""
    heard = Heard()
    tidings = Tidings(heard)
    for rows in looks:
        tidings.rows(view, rows)
    assert heard.names == expected


def test_a_chain_is_described_by_its_root_and_longest_wait() -> None:
    """All who wait behind one root are one event: how many, and the longest of the waits."""
    found = occurrences.blocking([blocked(1, 2.0), blocked(1, 8.0, relation_name="public.t"), blocked(2, 1.5)])
    assert {root: values["otelmon.postgresql.blocked.count"] for root, values in found.items()} == {1: 2, 2: 1}
    assert found[1]["otelmon.postgresql.blocked.longest"] == 8.0
    assert found[1]["postgresql.blocking.lock.relation"] == "public.t"
    assert "postgresql.blocking.lock.relation" not in found[2]


def test_a_flood_is_cut() -> None:
    """Of one kind at most twenty events are sent at one look."""
    heard = Heard()
    Tidings(heard).rows("open_transactions", [idle(pid, 70.0) for pid in range(1, 200)])
    assert len(heard.all) == MOST_EVENTS


def test_resets_are_told_by_family() -> None:
    """A family whose beginning has changed was reset; the first look and a start of the server are none."""
    resets = Resets()
    looks = [[("wal", 1), ("server", 1), ("statements", None)], [("wal", 2), ("server", 2), ("statements", 3)]]
    told = [list(resets.happened([{"family": f, "reset_at": at} for f, at in look])) for look in looks]
    assert told == [[], ["wal", "statements"]]


def test_episodes_forget() -> None:
    """On another server everything begins anew."""
    episodes = Episodes()
    assert len(episodes.begun("e", {1: {}})) == 1
    episodes.forget()
    assert len(episodes.begun("e", {1: {}})) == 1


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param({}, Change(), id="the same"),
        pytest.param({"started_at": NOON + timedelta(hours=2)}, Change(restarted=True), id="restarted"),
        pytest.param({"started_at": NOON - timedelta(days=1)}, Change(other=True), id="ran already: another"),
        pytest.param({"address": "10.0.0.2:5432"}, Change(other=True), id="another address"),
        pytest.param({"in_recovery": True}, Change(promoted=True), id="other role"),
    ],
)
def test_change_of_servers(now: dict[str, Any], expected: Change) -> None:
    """Another server, a restart and a promotion are told apart."""
    values = {name: getattr(HERE, name) for name in Server.__slots__}
    assert change(HERE, Server(**{**values, **now})) == expected


def test_first_server_is_no_change() -> None:
    """At the beginning there is nothing to compare with."""
    assert change(None, HERE) == Change()


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        (Change(), []),
        (Change(other=True), [events.SERVER_CHANGED]),
        (Change(promoted=True), [events.SERVER_CHANGED]),
        (Change(restarted=True), [events.SERVER_RESTARTED]),
    ],
    ids=str,
)
def test_change_is_told(difference: Change, expected: list[str]) -> None:
    """A change of servers is an event."""
    heard = Heard()
    Tidings(heard).connected(HERE, difference)
    assert heard.names == expected


def test_what_cannot_be_seen_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """A view that stays down, or a server that stays away, is one line and one event."""
    heard = Heard()
    tidings = Tidings(heard)
    for reason in (reasons.OK, reasons.DENIED, reasons.DENIED, reasons.LOCKED, reasons.OK):
        tidings.view("wal", reason, "permission denied")
    for _ in range(3):
        tidings.unreachable(reasons.UNREACHABLE, "refused")
    assert heard.names == [events.VIEW_DOWN, events.VIEW_DOWN, events.UNREACHABLE]
    assert [record.message.split()[0] for record in caplog.records if record.levelname == "WARNING"] == [
        "view_down",
        "view_down",
        "unreachable",
    ]
