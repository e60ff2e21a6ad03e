"""The variants that are measured side by side, each a command and an environment of its own."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parent.parent
ENVIRONMENTS = ROOT / ".cache" / "peers"
# What could come from outside and change what a variant does.
FOREIGN = ("OTEL_", "OTELMON_", "DD_", "SENTRY_", "LOGFIRE_", "NEW_RELIC_", "PYTHON")


@dataclass(frozen=True)
class Variant:
    """Describes one variant.

    ``place`` is its environment below .cache/peers, ``launcher`` what starts the program there, ``tracing`` how it
    makes spans (benchmarks/peers/tracing.py). What a variant makes cannot be counted where ``is_counted`` is false;
    such a variant has no part in any ratio.
    """

    name: str
    meaning: str
    place: str
    tracing: str
    launcher: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    is_counted: bool = True

    @property
    def traced(self) -> bool:
        """Tells whether it makes spans."""
        return self.tracing != "none"

    def command(self, program: str, *arguments: str) -> list[str]:
        """Returns the command that runs a program of this repository in the variant's environment.

        Raises:
            SystemExit: where the environment has not been made.
        """
        programs = ENVIRONMENTS / self.place / "bin"
        if not (ENVIRONMENTS / self.place / ".ready").exists():
            raise SystemExit(f"benchmark: .cache/peers/{self.place} is missing: make .cache/peers/{self.place}/.ready")
        first = [str(programs / self.launcher[0]), *self.launcher[1:]] if self.launcher else []
        return [*first, str(programs / "python"), str(ROOT / program), *arguments]

    def full_environment(self, receiver: str) -> dict[str, str]:
        """Returns the variables of the process, free of settings from outside.

        Args:
            receiver: address of what counts the spans.
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        host = receiver.removeprefix("http://")
        own = {name: value.format(receiver=receiver, host=host) for name, value in self.environment.items()}
        path = f"{ENVIRONMENTS / self.place / 'bin'}{os.pathsep}{kept.get('PATH', '')}"
        return {**kept, "PATH": path, "PYTHONPATH": str(ROOT), **own}


# Queues large enough that nobody drops: what is compared must have been delivered.
OTLP = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": "{receiver}",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    "OTEL_SERVICE_NAME": "benchmark",
    "OTEL_BSP_MAX_QUEUE_SIZE": "200000",
}
WRAPPER = ("opentelemetry-instrument",)
OTELMON = Variant(
    "otelmon",
    "opentelemetry-instrument with otelmon and its defaults: metrics every 10 s, slow calls, redaction, booking",
    place="otelmon",
    tracing="otelmon",
    launcher=WRAPPER,
    environment=OTLP,
)
BARE = Variant("bare", "the libraries alone", place="opentelemetry", tracing="none")
PLAIN = Variant(
    "OpenTelemetry",
    "opentelemetry-distro with its defaults and the instrumentations of all libraries here, OTLP over HTTP",
    place="opentelemetry",
    tracing="opentelemetry",
    launcher=WRAPPER,
    environment=OTLP,
)
WITH_METRICS = Variant(
    "OpenTelemetry + metrics",
    "the same with `OTEL_SEMCONV_STABILITY_OPT_IN=database,http`, which brings the metrics of database calls",
    place="opentelemetry",
    tracing="opentelemetry",
    launcher=WRAPPER,
    environment={**OTLP, "OTEL_SEMCONV_STABILITY_OPT_IN": "database,http"},
)
DATADOG = Variant(
    "ddtrace",
    "ddtrace-run with its defaults, to a stand-in for Datadog's agent; its own telemetry to its makers off",
    place="ddtrace",
    tracing="ddtrace",
    launcher=("ddtrace-run",),
    environment={
        "DD_TRACE_AGENT_URL": "{receiver}",
        "DD_SERVICE": "benchmark",
        "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
        "DD_REMOTE_CONFIGURATION_ENABLED": "false",
    },
)
SENTRY = Variant(
    "sentry-sdk",
    "every transaction kept; psycopg2 and psycopg, which it does not observe, with a span made by hand",
    place="sentry",
    tracing="sentry",
    environment={"BENCHMARK_SENTRY_DSN": "http://public@{host}/1"},
)
LOGFIRE = Variant(
    "logfire", "its instrumentations of all libraries here, OTLP over HTTP", place="logfire", tracing="logfire",
    environment=OTLP,
)  # fmt: skip
NEW_RELIC = Variant(
    "New Relic",
    "its agent in developer mode, in which it sends nothing, so that nothing can be counted",
    place="newrelic",
    tracing="newrelic",
    launcher=("newrelic-admin", "run-program"),
    environment={"NEW_RELIC_DEVELOPER_MODE": "true", "NEW_RELIC_APP_NAME": "benchmark", "NEW_RELIC_LOG": "stderr"},
    is_counted=False,
)
QUICK = (BARE, OTELMON, PLAIN, WITH_METRICS)
VARIANTS = (BARE, OTELMON, PLAIN, WITH_METRICS, DATADOG, SENTRY, LOGFIRE, NEW_RELIC)
