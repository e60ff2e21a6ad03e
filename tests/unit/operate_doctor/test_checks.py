"""What the doctor finds without sending anything."""

from __future__ import annotations

import pytest

from otelmon.operate.doctor.checks.clocks import judged
from otelmon.operate.doctor.checks.limits import limits
from otelmon.operate.doctor.checks.settings import settings
from otelmon.operate.doctor.checks.tracers import tracers
from otelmon.operate.doctor.checks.versions import hooks, versions
from otelmon.operate.doctor.result import Result, exit_code


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "4096"}, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "many"}, "OTEL_BSP_MAX_QUEUE_SIZE"),
        ({"OTEL_EXPORTER_OTLP_TIMEOUT": "10000"}, "OTEL_EXPORTER_OTLP_TIMEOUT"),
        ({"OTEL_EXPORTER_OTLP_TIMEOUT": "10s"}, "OTEL_EXPORTER_OTLP_TIMEOUT"),
        ({"OTEL_METRIC_EXPORT_INTERVAL": "60000"}, "OTEL_METRIC_EXPORT_INTERVAL"),
        ({"OTEL_TRACES_SAMPLER": "always_off"}, "OTEL_TRACES_SAMPLER"),
        ({"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "10"}, "OTEL_TRACES_SAMPLER_ARG"),
    ],
)
def test_what_switches_telemetry_off_is_named(environment: dict[str, str], name: str) -> None:
    """Each finding is named by its variable, with what to do."""
    (found,) = limits(environment)
    assert (found.name, found.outcome) == (name, "finding")
    assert found.fix


def test_usual_limits_are_good() -> None:
    """Nothing set, and values that go together."""
    fine = {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "2048", "OTEL_TRACES_SAMPLER": "parentbased_traceidratio"}
    for environment in ({}, fine):
        assert [each.outcome for each in limits(environment)] == ["ok"]


def test_settings_that_cannot_be_used_are_named() -> None:
    """The value of a secret is not repeated."""
    (found,) = settings({"OTELMON_SLOW_QUERY_THRESHOLD": "soon"})
    assert (found.name, found.outcome) == ("OTELMON_SLOW_QUERY_THRESHOLD", "finding")
    assert [each.outcome for each in settings({})] == ["ok"]


def test_sentry_that_traces_by_itself_is_found() -> None:
    """A rate of zero is none."""
    assert [each.outcome for each in tracers({"SENTRY_TRACES_SAMPLE_RATE": "0.2"})] == ["finding"]
    assert [each.outcome for each in tracers({"SENTRY_TRACES_SAMPLE_RATE": "0.0"})] == ["ok"]


def test_this_very_installation_is_of_one_release() -> None:
    """The locked environment is a pair, and every hook of it can be loaded."""
    assert {each.outcome for each in versions()} == {"ok"}
    assert "finding" not in {each.outcome for each in hooks()}


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [(0.0, -0.9, "ok"), (-0.5, -1.2, "ok"), (30.0, 29.0, "finding"), (-30.0, -31.0, "finding"), (2.5, 2.2, "ok")],
)
def test_clocks_are_judged_by_what_is_certain(before: float, after: float, outcome: str) -> None:
    """The time on the way and the part of a second are no difference."""
    assert judged("clock", before, after).outcome == outcome


def test_findings_decide_the_exit_code() -> None:
    """What is not known is no finding."""
    unknown, finding = Result("way", "a", "unknown", ""), Result("way", "b", "finding", "")
    assert (exit_code([unknown]), exit_code([unknown, finding])) == (0, 1)
