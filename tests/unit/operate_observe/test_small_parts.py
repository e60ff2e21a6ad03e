"""Schedule, back-off, reasons, addresses, health and the choice of OpenTelemetry's variables."""

from __future__ import annotations

from datetime import datetime, timezone
from random import Random
from typing import Any

import pytest
from psycopg import OperationalError, errors

from otelmon import guard, signals
from otelmon.operate.errors import OperateError
from otelmon.operate.observe import address, reasons, telemetry
from otelmon.operate.observe.board import Board, ViewState
from otelmon.operate.observe.facts import Server
from otelmon.operate.observe.gauges import Gauges
from otelmon.operate.observe.health import answer
from otelmon.operate.observe.points import Point
from otelmon.operate.observe.schedule import Backoff, Schedule

CHANCE = Random(1)  # noqa: S311 - spreads readings
SERVER = Server("17.1", False, datetime.now(timezone.utc), datetime.now(timezone.utc), "local", "app", "otelmon_reader")


def test_everything_is_due_at_the_beginning_and_then_at_its_interval() -> None:
    """Each name comes back after its interval, a tenth earlier or later; what was late is not made up for."""
    schedule = Schedule({"often": 10.0, "seldom": 100.0}, CHANCE)
    seen = {"often": 0, "seldom": 0}
    now = 5000.0
    while now < 6000.0:
        name, due = schedule.next()
        now = max(now, due)
        seen[name] += 1
        schedule.done(name, now)
    assert 90 <= seen["often"] <= 112
    assert 9 <= seen["seldom"] <= 12


def test_waits_grow_with_jitter_and_are_bounded() -> None:
    """Each failure waits about twice as long, never longer than half a minute, and no two observers the same."""
    backoff = Backoff(CHANCE)
    waits = [backoff.next() for _ in range(100)]
    assert all(0.25 * 2**n <= wait <= 0.5 * 2**n for n, wait in enumerate(waits[:6]))
    assert all(15.0 <= wait <= 30.0 for wait in waits[7:])
    assert len(set(waits[7:])) > 80
    backoff.forget()
    assert backoff.next() <= 0.5


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.InsufficientPrivilege(), "denied"),
        (errors.QueryCanceled(), "timeout"),
        (errors.LockNotAvailable(), "locked"),
        (errors.UndefinedTable(), "missing"),
        (errors.UndefinedColumn(), "outdated"),
        (errors.ObjectNotInPrerequisiteState('must be loaded via "shared_preload_libraries"'), "not preloaded"),
        (errors.ObjectNotInPrerequisiteState("pg_stat_statements is missing in database app"), "missing"),
        (errors.DivisionByZero(), "failed"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else each,
)
def test_reason_of_a_view(error: Any, expected: str) -> None:
    """Each error of the server is one word."""
    assert reasons.of_view(error, "missing") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("connection failed: FATAL:  sorry, too many clients already", "too many connections"),
        ('FATAL:  too many connections for role "otelmon_reader"', "too many connections"),
        ("FATAL:  the database system is starting up", "starting or stopping"),
        ('FATAL:  password authentication failed for user "x"', "login refused"),
        ("connection timeout expired", "timeout"),
        ("connection refused", "unreachable"),
    ],
)
def test_reason_of_no_connection(text: str, expected: str) -> None:
    """What keeps the observer out is told apart by what the server says."""
    assert reasons.of_connecting(OperationalError(text)) == expected


@pytest.mark.parametrize(
    ("dsn", "environment", "user"),
    [
        ("postgresql://db/app", {}, "otelmon_reader"),
        ("postgresql://someone@db/app", {}, "someone"),
        ("dbname=app", {"PGUSER": "someone"}, None),
        ("service=app", {}, None),
    ],
)
def test_user_is_the_reader_unless_named(dsn: str, environment: dict[str, str], user: str | None) -> None:
    """Nobody has to write the reader's name, and whoever is named anywhere is taken."""
    assert address.parameters(dsn, environment).get("user") == user


def test_connection_string_is_never_repeated() -> None:
    """What cannot be read is refused without showing it."""
    with pytest.raises(OperateError) as error:
        address.parameters("host=db password=planted-secret =", {})
    assert "planted-secret" not in str(error.value)


@pytest.mark.parametrize(
    ("dsn", "environment", "expected"),
    [
        ("postgresql://u:secret@db:6432/app", {}, ("db", 6432, "db:6432/app")),
        ("", {"PGHOST": "db", "PGPORT": "1", "PGDATABASE": "x"}, ("db", 1, "db:1/x")),
        ("host=a,b port=1,2 dbname=app", {}, ("a,b", None, "a,b:1,2/app")),
    ],
)
def test_server_is_named_without_secrets(dsn: str, environment: dict[str, str], expected: tuple[Any, ...]) -> None:
    """Metrics say which server they are of: address, port and an instance of both with the database."""
    found = address.server(address.parameters(dsn, environment), environment)
    assert (found["server.address"], found.get("server.port"), found["service.instance.id"]) == expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, {"service.name": "postgresql", "server.address": "db"}),
        ({"OTEL_SERVICE_NAME": "mine"}, {"server.address": "db"}),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=x, server.address=y"}, {}),
    ],
)
def test_what_the_user_says_of_the_resource_wins(environment: dict[str, str], expected: dict[str, Any]) -> None:
    """The observer names what the environment has not named."""
    assert telemetry.resource_of(environment, {"server.address": "db"}) == expected


def test_variables_of_opentelemetry_hold() -> None:
    """Only what is not set is chosen: no traces, exports at the interval of reading."""
    environment = {"OTEL_METRIC_EXPORT_INTERVAL": "777"}
    telemetry.choose(environment, 15)
    assert environment["OTEL_METRIC_EXPORT_INTERVAL"] == "777"
    assert (environment["OTEL_TRACES_EXPORTER"], environment["OTEL_EXPORTER_OTLP_PROTOCOL"]) == (
        "none",
        "http/protobuf",
    )


def board(**views: ViewState) -> Board:
    """Returns a board of views at time 100, connected."""
    made = Board(dict.fromkeys(views, 10.0), 100.0)
    made.connected(SERVER, 1)
    for name, state in views.items():
        made.view(name, state)
    return made


UP = ViewState(10.0, reasons.OK, "", 100.0, 1e9, 1, 0.005, (Point("postgresql.commits", 5),))
DOWN = ViewState(10.0, reasons.DENIED, "permission denied")


@pytest.mark.parametrize(
    ("path", "made", "now", "status", "verdict"),
    [
        pytest.param("/livez", board(a=DOWN), 101, 200, "pass", id="alive, whatever the database does"),
        pytest.param("/livez", board(a=UP), 200, 503, "fail", id="stuck"),
        pytest.param("/readyz", board(a=UP), 101, 200, "pass", id="ready"),
        pytest.param("/readyz", board(a=UP, b=DOWN), 101, 200, "warn", id="ready in part"),
        pytest.param("/readyz", board(a=DOWN), 101, 503, "fail", id="nothing readable"),
        pytest.param("/readyz", board(a=UP), 200, 503, "fail", id="stale"),
    ],
)
def test_health(path: str, made: Board, now: float, status: int, verdict: str) -> None:
    """Liveness is of the process, readiness of what it sees."""
    given = answer(path, made.now, now)
    assert (given.status, given.media_type, given.document["status"]) == (status, "application/health+json", verdict)


def test_not_ready_without_connection() -> None:
    """Without a connection nothing is ready, and every view is unreachable and without figures."""
    made = board(a=UP)
    made.lost(reasons.TOO_MANY, "sorry")
    assert (answer("/readyz", made.now, 101).status, made.now.views["a"].points) == (503, ())
    assert answer("/status", made.now, 101).document["reason"] == "too many connections"


def test_unknown_path_is_404() -> None:
    """Nothing else is served."""
    assert answer("/secret", board(a=UP).now, 101).status == 404


@pytest.fixture
def gauges() -> Gauges:
    """Gives gauges over one readable view and one that is not, two series at most."""
    counted = ViewState(
        10.0, reasons.OK, "", 100.0, 1e9, 3, 0.01, tuple(Point("m", n, (("n", str(n)),)) for n in range(3))
    )
    return Gauges(board(a=UP, b=DOWN, c=counted), 2, clock=lambda: 101.0)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("up", [(1, {})]),
        ("view.age", [(1.0, {"otelmon.view": "a"}), (1.0, {"otelmon.view": "c"})]),
        ("view.duration", [(0.005, {"otelmon.view": "a"}), (0.01, {"otelmon.view": "c"})]),
        ("connects", []),
    ],
)
def test_own_figures(gauges: Gauges, metric: str, expected: list[Any]) -> None:
    """The observer tells its own state."""
    assert [(value, dict(labels)) for value, labels in gauges.values(f"otelmon.postgresql.{metric}")] == expected


def test_views_up_say_why_not(gauges: Gauges) -> None:
    """A view that cannot be read is 0 with the reason."""
    found = {
        dict(labels)["otelmon.view"]: (value, dict(labels)["otelmon.reason"])
        for value, labels in gauges.values("otelmon.postgresql.view.up")
    }
    assert found == {"a": (1, "ok"), "b": (0, "denied"), "c": (1, "ok")}


def test_series_are_bounded(gauges: Gauges) -> None:
    """Beyond the limit a series is left out and counted."""
    shown = [each.value for each in gauges._observations("m")]
    left_out = [(value, dict(labels)) for value, labels in gauges.values("otelmon.labels.overflow")]
    assert (shown, left_out) == ([0, 1], [(1, {"instrument": "m"})])


def test_stale_figures_are_not_shown() -> None:
    """After a suspension of the process, what was read long ago is not known any more."""
    assert list(Gauges(board(a=UP), 9, clock=lambda: 10_000.0).values("postgresql.commits")) == []


def test_a_failing_gauge_is_guarded(gauges: Gauges, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error while metrics are collected is swallowed and counted."""
    guard.set_strict(False)
    monkeypatch.setattr(gauges, "_observations", lambda _: 1 / 0)
    assert gauges._callback("m")(None) == ()
    assert guard.sites()["observe.m"].errors == 1


def test_names_of_metrics_and_events_are_unique() -> None:
    """No name is described twice, nor both by the application's half and by the observer's."""
    names = [each.name for each in (*signals.METRICS, *signals.POSTGRESQL_METRICS)]
    told = [each.name for each in (*signals.EVENTS, *signals.POSTGRESQL_EVENTS)]
    assert (len(names), len(told)) == (len(set(names)), len(set(told)))
