"""When the benchmark compares, and when it says that otelmon has become worse."""

from __future__ import annotations

from benchmarks.peers.works import STATEMENT
from benchmarks.ratios import better, ratio, ratios, worse
from benchmarks.rounds import delivered_share, summary_of
from benchmarks.variants import BARE, DATADOG, NEW_RELIC, OTELMON, QUICK, WITH_METRICS, Variant
from demo.service.queries import REPOSITORY


def rounds(**cpu: float):
    """Returns two rounds of one work in which every variant brought all spans that it should."""
    figures = {name.replace("_", " "): {"cpu_us": value, "wall_us": value} for name, value in cpu.items()}
    whole = {
        variant.name: {**figures[variant.name], "spans": 1.05 * variant.traced, "expected": 1.05 * variant.traced}
        for variant in QUICK
        if variant.name in figures
    }
    return [{"query": whole}, {"query": whole}]


def summary(ours: float, theirs: float):
    """Returns what is known of three variants of which the bare one takes 100 microseconds."""
    measured = rounds(bare=100, otelmon=100 + ours)
    for each in measured:
        each["query"][WITH_METRICS.name] = {**each["query"]["otelmon"], "cpu_us": 100 + theirs}
    return summary_of(measured, (BARE, OTELMON, WITH_METRICS))


def test_ratio_is_of_what_is_added() -> None:
    """Half as much added is 0.5, whatever the operation itself costs."""
    assert ratio(summary(50, 100), "query", WITH_METRICS) == 0.5


def test_worse_by_more_than_a_quarter_is_said() -> None:
    """A ratio may be a quarter worse than the committed one, and no more."""
    found = ratios(summary(50, 100), (BARE, OTELMON, WITH_METRICS))
    assert worse(found, {"query": 0.41}) == []
    assert worse(found, {"query": 0.39}) == [
        "query: 0.50 times OpenTelemetry + metrics, at most 0.49 is allowed",
    ]


def test_only_what_is_better_beyond_noise_is_kept() -> None:
    """The upper quartile of what is added must be lower; nothing is ever allowed more than before."""
    found = summary(50, 100)
    found["query"]["otelmon"]["cpu_us_added"]["high"] = 60
    assert better(found, {"query": 0.7}) == {"query": 0.6}
    assert better(found, {"query": 0.55}) == {"query": 0.55}
    found["query"][WITH_METRICS.name]["delivered"] = 0.99
    assert better(found, {"query": 0.7}) == {"query": 0.7}


def test_who_drops_has_no_part() -> None:
    """A peer of which a hundredth of the spans did not arrive is not compared with."""
    found = summary(50, 100)
    found["query"][WITH_METRICS.name]["delivered"] = 0.99
    assert ratio(found, "query", WITH_METRICS) is None
    assert worse({"query": {WITH_METRICS.name: None}}, {"query": 1}) != []


def test_who_does_not_see_the_operation_has_no_part() -> None:
    """A peer that made a span of the request alone was not compared doing the same."""
    found = summary(50, 100)
    found["query"][WITH_METRICS.name]["spans"] = 0.05
    assert ratio(found, "query", WITH_METRICS) is None


def test_who_cannot_be_counted_has_no_part() -> None:
    """New Relic's agent sends nothing in its developer mode."""
    found = summary(50, 100)
    found["query"][NEW_RELIC.name] = found["query"][WITH_METRICS.name]
    assert ratio(found, "query", NEW_RELIC) is None


def test_share_is_that_of_the_worst_round() -> None:
    """One round with a loss is not hidden by others."""
    whole, half = {"spans": 1.05, "expected": 1.05}, {"spans": 0.525, "expected": 1.05}
    assert delivered_share([whole, half, whole]) == 0.5
    assert delivered_share([{"spans": 0, "expected": 0}]) is None


def test_statement_is_that_of_the_reference_service() -> None:
    """The environments of peers have no otelmon, which the service imports; the text is kept equal here."""
    assert STATEMENT == REPOSITORY


def test_variant_is_free_of_settings_from_outside(monkeypatch) -> None:
    """What the machine's environment sets for a peer does not reach the benchmark."""
    for name in ("DD_TRACE_ENABLED", "OTEL_TRACES_EXPORTER", "OTELMON_DISABLED", "NEW_RELIC_ENABLED"):
        monkeypatch.setenv(name, "x")
    variant: Variant = DATADOG
    environment = variant.full_environment("http://127.0.0.1:1")
    assert environment["DD_TRACE_AGENT_URL"] == "http://127.0.0.1:1"
    assert {"DD_TRACE_ENABLED", "OTEL_TRACES_EXPORTER", "OTELMON_DISABLED", "NEW_RELIC_ENABLED"} & set(
        environment
    ) == set()
