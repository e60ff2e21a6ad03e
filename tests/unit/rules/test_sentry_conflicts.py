"""Settings of sentry-sdk that do not go with otelmon are named, each with its remedy."""

from __future__ import annotations

import pytest

from otelmon.rules.sentry_conflicts import sentry_conflicts

LINK_ONLY = {"setup_otlp_traces_exporter": False, "setup_propagator": False, "capture_exceptions": False}


@pytest.mark.parametrize(
    ("options", "otlp", "expected"),
    [
        pytest.param({}, None, [], id="nothing set"),
        pytest.param({"traces_sample_rate": None}, LINK_ONLY, [], id="linked only"),
        pytest.param({"traces_sample_rate": 0.0}, LINK_ONLY, [], id="a rate of zero makes no transactions"),
        pytest.param({"traces_sample_rate": 0.1}, LINK_ONLY, ["traces_sample_rate"], id="a rate"),
        pytest.param({"traces_sampler": len}, None, ["traces_sampler"], id="a sampler"),
        pytest.param({"instrumenter": "otel"}, None, ["instrumenter"], id="instrumenter"),
        pytest.param(
            {},
            {"setup_otlp_traces_exporter": True, "setup_propagator": True, "capture_exceptions": True},
            [
                "OTLPIntegration(setup_otlp_traces_exporter)",
                "OTLPIntegration(setup_propagator)",
                "OTLPIntegration(capture_exceptions)",
            ],
            id="defaults of the integration",
        ),
        pytest.param({"_experiments": {"enable_logs": True}}, None, ["enable_logs"], id="logs as an experiment"),
        pytest.param({"send_default_pii": True}, None, ["send_default_pii"], id="personal data"),
    ],
)
def test_conflicts(options: dict[str, object], otlp: dict[str, object] | None, expected: list[str]) -> None:
    """Each is found by its name, and says what comes of it."""
    found = sentry_conflicts(options, otlp)
    assert [each.setting for each in found] == expected
    assert all(each.consequence and each.remedy for each in found)


def test_the_older_integration_is_one() -> None:
    """It sends every span a second time."""
    assert [each.setting for each in sentry_conflicts({}, None, frozenset({"opentelemetry"}))] == [
        "OpenTelemetryIntegration"
    ]
