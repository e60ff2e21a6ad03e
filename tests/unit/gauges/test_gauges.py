"""The gauges produce what the catalogue says, all of it and nothing else."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import Gauge, InMemoryMetricReader, Sum

from otelmon import guard, signals
from otelmon.gauges.install import install_gauges
from otelmon.ledger import Counts
from otelmon.records import CacheState, Checkout, GitHubAnswer, GitHubCall, PoolState, RateLimit
from otelmon.registry import HookRegistry
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.metrics import Meter
    from opentelemetry.sdk.metrics.export import Metric

    from otelmon.registry.github import GitHubBook

RESET = int(time.time()) + 3600
KINDS = ("idle", "in_transaction", "closed", "abandoned")
OBSERVED = [metric for metric in signals.METRICS if metric.instrument.startswith("observable_")]


@pytest.fixture
def reader() -> InMemoryMetricReader:
    """Returns a real reader."""
    return InMemoryMetricReader()


@pytest.fixture
def meter(reader: InMemoryMetricReader) -> Iterator[Meter]:
    """Yields the meter of a real provider."""
    provider = MeterProvider([reader], shutdown_on_exit=False)
    yield provider.get_meter("otelmon")
    provider.shutdown()


def answers_of_github(book: GitHubBook) -> None:
    """Lets GitHub refuse twice, answer twice alike and save a point, and the ledger be corrected to nothing left."""
    call = GitHubCall("o", "/user", credential="o", address=1)
    spent = RateLimit(50, 0, 50, RESET, "core")
    book.sent(call)
    for answer in (
        GitHubAnswer(403, RateLimit(50, 2, 48, RESET, "core"), "primary"),
        GitHubAnswer(403, spent._replace(used=48, remaining=2), "saml"),
        GitHubAnswer(200, spent._replace(used=48, remaining=2), etag=7, line=("f", "/app.py", 3)),
        GitHubAnswer(200, spent._replace(used=48, remaining=2), etag=7),
        GitHubAnswer(304, spent._replace(used=48, remaining=2)),
    ):
        book.answered(call, answer)
    book.reconcile("o", spent)
    book.look()


def registry_with_everything() -> HookRegistry:
    """Returns a registry in which everything has happened once, at a low label limit."""
    registry = HookRegistry(Settings(label_limit=10, leak_after_ms=1000, db_diagnostics=True))
    registry.add_pool("p", lambda: PoolState(idle=1, used=2, max=5, min=1, pending=3), counted=True)
    for number in range(5):
        registry.add_pool(f"pool {number}; the last is beyond the limit", PoolState)
    registry.add_cache("c", lambda: CacheState(8, 5, 1, 4, 2, 1, 1, 0, 2, 3_000_000_000, None, 6))
    registry.operations.was_slow("SELECT", "items", "shop")
    registry.operations.was_repeated("n_plus_one", "SELECT", "items", "shop")
    registry.connections.checked_out(1, Checkout("p", time.monotonic_ns() - 2_000_000_000))
    registry.connections.leaks(time.monotonic_ns())
    registry.connections.refused(Checkout("p", time.monotonic_ns()), PoolState())
    assert registry.sessions is not None
    registry.sessions.identified("polled")
    registry.sessions.answered("activity")
    registry.shed.share = 0.01
    registry.shed.add("spans")
    answers_of_github(registry.github)
    return registry


def books() -> dict[str, Counts]:
    """Returns the books of one exporter."""
    return {"OTLPSpanExporter.http": Counts(10, 7, {"refused": 2})}


def collected(reader: InMemoryMetricReader) -> dict[str, Metric]:
    """Returns what a collection yields, by name."""
    data = reader.get_metrics_data()
    if data is None:
        return {}
    return {
        metric.name: metric
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if metric.data.data_points
    }


def points(metric: Metric) -> dict[tuple[str, ...], float]:
    """Returns the values of a metric by their attribute values, sorted by attribute name."""
    return {tuple(str(v) for _, v in sorted(p.attributes.items())): p.value for p in metric.data.data_points}


@pytest.fixture
def everything(meter: Meter, reader: InMemoryMetricReader) -> dict[str, Metric]:
    """Returns one collection after everything has happened."""
    guard.site("test.failing").errors = 3
    guard.site("test.failing").skipped = 2
    install_gauges(
        meter, registry_with_everything(), heartbeat=lambda: 1_700_000_000, spans=books, ended=lambda: 1_700_000_009
    )
    return collected(reader)


def test_every_metric_of_the_catalogue_is_produced_and_no_other(everything: dict[str, Metric]) -> None:
    """The table that documentation is made from lists exactly what a real reader collects."""
    assert sorted(everything) == sorted(metric.name for metric in OBSERVED)


@pytest.mark.parametrize("metric", [pytest.param(each, id=each.name) for each in OBSERVED])
def test_metric_is_as_described(metric: signals.Metric, everything: dict[str, Metric]) -> None:
    """Unit, description, kind of instrument and attribute names are those of the catalogue."""
    produced = everything[metric.name]
    data = produced.data
    assert (produced.unit, produced.description) == (metric.unit, metric.meaning)
    if metric.instrument == "observable_gauge":
        assert isinstance(data, Gauge)
    else:
        assert isinstance(data, Sum)
        assert data.is_monotonic is (metric.instrument == "observable_counter")
    assert {name for point in data.data_points for name in point.attributes} == set(metric.attributes)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("db.client.connection.count", {("p", "idle"): 1, ("p", "used"): 2}),
        ("db.client.connection.max", {("p",): 5}),
        ("db.client.connection.idle.min", {("p",): 1}),
        ("db.client.connection.pending_requests", {("p",): 3}),
        ("db.client.connection.timeouts", {("p",): 1}),
        ("otelmon.db.client.connection.checkouts", {("p",): 1}),
        ("otelmon.db.client.connection.leaked", {("p", "unknown"): 1, **{("p", kind): 0 for kind in KINDS}}),
        (
            "otelmon.cache.requests",
            {
                ("c", "hit"): 8,
                ("c", "stale_hit"): 2,
                ("c", "miss"): 3,
                ("c", "absent", "miss"): 1,
                ("c", "expired", "miss"): 1,
            },
        ),
        ("otelmon.cache.saved_time", {("c",): 15}),
        ("otelmon.cache.saved_points", {("c",): 6}),
        ("otelmon.cache.evictions", {("c",): 1}),
        ("otelmon.cache.size", {("c",): 4}),
        ("otelmon.github.rate_limit.limit", {("o", "core"): 50}),
        ("otelmon.github.rate_limit.remaining", {("o", "core"): 0}),
        ("otelmon.github.rate_limit.used", {("o", "core"): 50}),
        ("otelmon.github.rate_limit.expected_used", {("o", "core"): 50}),
        ("otelmon.github.requests", {("core", "/user"): 5}),
        ("otelmon.github.points", {("core", "/user"): 3}),
        ("otelmon.github.points.saved", {("core", "/user"): 1}),
        ("otelmon.github.points.avoidable", {("core", "/user"): 1}),
        ("otelmon.github.code.requests", {("/app.py", "f", "3", "core"): 1}),
        ("otelmon.github.code.points", {("/app.py", "f", "3", "core"): 1}),
        ("otelmon.github.refused", {("saml", "core"): 1}),
        ("otelmon.github.rate_limit.drift", {("o", "core"): 2}),
        ("otelmon.github.rate_limit.exhausted_in", {("o", "core"): 0}),
        ("otelmon.github.throttled", {("primary", "core"): 1}),
        ("otelmon.spans.started", {("OTLPSpanExporter.http",): 10}),
        ("otelmon.spans.delivered", {("OTLPSpanExporter.http",): 7}),
        ("otelmon.spans.lost", {("OTLPSpanExporter.http", "refused"): 2}),
        ("otelmon.labels.overflow", {("db.client.connection.count",): 1}),
        ("otelmon.heartbeat", {(): 1_700_000_000}),
        ("otelmon.ended", {(): 1_700_000_009}),
    ],
)
def test_values(name: str, values: dict[tuple[str, ...], float], everything: dict[str, Metric]) -> None:
    """Each instrument shows what the registry and the books say."""
    assert points(everything[name]) == values


def test_times_are_in_seconds(everything: dict[str, Metric]) -> None:
    """The oldest checkout is two seconds old, and the window ends when GitHub said."""
    assert points(everything["otelmon.db.client.connection.held_longest"])[("p",)] == pytest.approx(2, abs=1)
    expected = pytest.approx(RESET - time.time(), abs=10)
    assert points(everything["otelmon.github.rate_limit.reset_in"])[("o", "core")] == expected


def test_internal_errors_are_shown_by_site(everything: dict[str, Metric]) -> None:
    """Only sites where something has happened have a point."""
    assert points(everything["otelmon.internal.errors"]) == {("test.failing",): 3}
    assert points(everything["otelmon.internal.skipped"]) == {("test.failing",): 2}


def test_unknown_is_absent(meter: Meter, reader: InMemoryMetricReader) -> None:
    """What nobody knows has no point at all: no zero, no full."""
    registry = HookRegistry(Settings())
    registry.add_pool("p", lambda: PoolState(used=0))
    registry.add_cache("c", lambda: CacheState(misses=0))
    registry.github.answered(
        GitHubCall("o", "/user", began_ns=time.monotonic_ns()), GitHubAnswer(401, RateLimit(limit=60))
    )
    install_gauges(meter, registry, heartbeat=lambda: 0, spans=dict)
    assert {name: points(metric) for name, metric in collected(reader).items()} == {
        "db.client.connection.count": {("p", "used"): 0},
        "otelmon.cache.requests": {("c", "miss"): 0},
        "otelmon.github.rate_limit.limit": {("o",): 60},
        "otelmon.github.rate_limit.age": {("o",): pytest.approx(0, abs=10)},
        "otelmon.github.requests": {("/user",): 1},
    }


def test_failing_source_leaves_the_others_alone(meter: Meter, reader: InMemoryMetricReader) -> None:
    """One gauge whose source raises is absent and counted; the rest is shown."""
    guard.set_strict(False)
    install_gauges(meter, registry_with_everything(), heartbeat=lambda: 1 // 0, spans=books)
    produced = collected(reader)
    assert "otelmon.heartbeat" not in produced
    assert "otelmon.spans.lost" in produced
    assert guard.sites()["gauges.otelmon.heartbeat"].errors == 1


def test_second_installation_reads_the_new_registry(meter: Meter, reader: InMemoryMetricReader) -> None:
    """Switched off and on again, each instrument exists once and shows the new registry only."""
    for beat in (1, 2, 3):
        silence = install_gauges(meter, HookRegistry(Settings()), heartbeat=lambda beat=beat: beat, spans=dict)
    assert points(collected(reader)["otelmon.heartbeat"]) == {(): 3}
    silence()
    assert collected(reader) == {}


def test_silence_of_an_earlier_installation_changes_nothing(meter: Meter, reader: InMemoryMetricReader) -> None:
    """Only those who are being read can fall silent."""
    silence_first = install_gauges(meter, HookRegistry(Settings()), heartbeat=lambda: 1, spans=dict)
    install_gauges(meter, HookRegistry(Settings()), heartbeat=lambda: 2, spans=dict)
    silence_first()
    assert points(collected(reader)["otelmon.heartbeat"]) == {(): 2}
