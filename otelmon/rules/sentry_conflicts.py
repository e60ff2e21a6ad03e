"""Finds settings of sentry-sdk that do not go with otelmon: spans sent twice, links broken, values let through."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class SentryConflict(NamedTuple):
    """Holds one finding: the setting, what comes of it, and how to mend it."""

    setting: str
    consequence: str
    remedy: str


def sentry_conflicts(
    options: Mapping[str, object], otlp: Mapping[str, object] | None, integrations: frozenset[str] = frozenset()
) -> tuple[SentryConflict, ...]:
    """Returns what conflicts, the worst first; empty where all is well.

    Args:
        options: the options of ``sentry_sdk.init``.
        otlp: the settings of its OTLPIntegration by name of argument, None where there is none.
        integrations: identifiers of the integrations that are active.

    Source: sentry-sdk 2.75.0, sentry_sdk/integrations/otlp.py and sentry_sdk/scope.py (Scope.get_trace_context).
    """
    found = [*_spans(options), *_otlp(otlp or {}), *_values(options)]
    if "opentelemetry" in integrations:
        found.append(
            SentryConflict(
                "OpenTelemetryIntegration",
                "a second span processor sends every span to Sentry again",
                "remove it; spans reach Sentry through the Collector",
            )
        )
    return tuple(found)


def _spans(options: Mapping[str, object]) -> list[SentryConflict]:
    found = [
        SentryConflict(
            name,
            "sentry-sdk makes transactions of its own: errors in them carry its ids and not OpenTelemetry's",
            f"leave {name} unset; sample in the Collector",
        )
        for name in ("traces_sample_rate", "traces_sampler")
        if options.get(name)
    ]
    if options.get("instrumenter") == "otel":
        found.append(
            SentryConflict(
                "instrumenter",
                "it belongs to a span processor that sentry-sdk 3 no longer has",
                "leave instrumenter unset",
            )
        )
    return found


def _otlp(otlp: Mapping[str, object]) -> list[SentryConflict]:
    consequences = {
        "setup_otlp_traces_exporter": "every span is sent to Sentry a second time, past redaction and sampling",
        "setup_propagator": "outgoing requests carry sentry-trace instead of traceparent: traces end at other services",
        "capture_exceptions": "what a span records as an exception is reported even where the application handled it",
    }
    return [
        SentryConflict(f"OTLPIntegration({name})", consequence, f"{name}=False")
        for name, consequence in consequences.items()
        if otlp.get(name)
    ]


def _values(options: Mapping[str, object]) -> list[SentryConflict]:
    found = []
    experiments = options.get("_experiments")
    if options.get("enable_logs") or (isinstance(experiments, dict) and experiments.get("enable_logs")):
        found.append(
            SentryConflict(
                "enable_logs",
                "log records reach Sentry by sentry-sdk, and by the Collector a second time where it gets them too",
                "leave enable_logs unset; OTELMON_LOGS=otlp sends them through the Collector",
            )
        )
    if options.get("send_default_pii"):
        found.append(
            SentryConflict(
                "send_default_pii",
                "addresses and names of users are sent with each error",
                "leave send_default_pii unset unless that is wanted",
            )
        )
    return found
