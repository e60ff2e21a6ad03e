"""Every ``OTELMON_COLLECTOR_*`` variable that the Collector's configuration reads, as in collector/env.example."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.collector import remote_variables
from otelmon.operate.collector.variable import CollectorVariable

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLES: tuple[CollectorVariable, ...] = (
    CollectorVariable(
        "OTELMON_COLLECTOR_OTLP_HTTP",
        "address",
        "127.0.0.1:4318",
        "",
        "Where applications send OTLP over HTTP.",
        safe="host:port; loopback unless a network you trust sends",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_OTLP_GRPC",
        "address",
        "127.0.0.1:4317",
        "",
        "Where applications send OTLP over gRPC.",
        safe="host:port; loopback unless a network you trust sends",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_HEALTH",
        "address",
        "127.0.0.1:13133",
        "",
        "Answers 200 while the Collector is ready.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_JAEGER_ENDPOINT",
        "url",
        "http://127.0.0.1:14318",
        "",
        "Base address of Jaeger's OTLP over HTTP; /v1/traces is appended.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_SENTRY_ENDPOINT",
        "url",
        "http://127.0.0.1:9000/api/1/integration/otlp",
        "",
        "Base address of a Sentry project's OTLP; /v1/traces and /v1/logs are appended.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_SENTRY_KEY",
        "secret",
        "",
        "",
        "Public key of the Sentry project: the user part of its DSN.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_SENTRY_ENVIRONMENT",
        "name",
        "production",
        "",
        "Environment at Sentry of senders that tell none in deployment.environment.name.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_SENTRY_FIRST",
        "integer",
        "1000000000",
        "{call}",
        "Brown-out: most slow or failed calls of one statement, process and minute that Sentry gets; Jaeger gets all.",
        0,
        1_000_000_000,
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_LOG_FILE",
        "path",
        "./otelmon-logs.jsonl",
        "",
        "File of the profile log-files; full ones lie beside it with the time in their name.",
        safe="a file that can be written",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_LOG_FILE_MEGABYTES",
        "integer",
        "100",
        "MBy",
        "Size at which a new file is begun; a batch of 512 records must fit into one.",
        10,
        100_000,
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_LOG_FILE_BACKUPS",
        "integer",
        "10",
        "{file}",
        "Full files that are kept; older ones are removed.",
        1,
        10_000,
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_METRICS_ENDPOINT",
        "url",
        "http://127.0.0.1:8428/opentelemetry/v1/metrics",
        "",
        "Full address that takes OTLP metrics over HTTP.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_OWN_METRICS_ENDPOINT",
        "url",
        "http://127.0.0.1:8428/opentelemetry/v1/metrics",
        "",
        "Full address that takes the Collector's metrics about itself, past its own pipelines.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_QUEUE_DIRECTORY",
        "path",
        "./otelmon-queue",
        "",
        "Folder of the queues on disk, of one Collector alone; `otelmon collector run` puts it into ~/.local/state.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_QUEUE_BYTES",
        "integer",
        "268435456",
        "By",
        "Most bytes that wait on disk for one exporter and signal; what comes after is dropped and counted.",
        1_048_576,
        1_099_511_627_776,
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_MEMORY_LIMIT_MIB",
        "integer",
        "512",
        "MiBy",
        "Memory that the Collector stays under (RSS); senders are told to wait before it is reached.",
        64,
        1_048_576,
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_MEMORY_SPIKE_MIB",
        "integer",
        "0",
        "MiBy",
        "How far below that limit senders are told to wait: room for what was let in; 0 for a fifth of it, "
        "`otelmon collector run` sets half.",
        0,
        1_048_575,
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_SAMPLING_PERCENTAGE",
        "percentage",
        "100",
        "%",
        "Share of ordinary traces that is kept; marked spans and traces with one are always kept.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_DECISION_WAIT",
        "duration",
        "5s",
        "",
        "How long a trace waits in memory for its spans before it is kept or dropped; marked spans never wait.",
        safe="1s to 60s",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_TRACES_IN_MEMORY",
        "integer",
        "20000",
        "{trace}",
        "Most traces that wait for a decision: at least twice the traces per second times the wait in seconds.",
        100,
        10_000_000,
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_TRACE_BYTES",
        "integer",
        "4194304",
        "By",
        "Most bytes of one trace that wait for a decision; a larger one is dropped and counted, save its marked spans.",
        65_536,
        1_073_741_824,
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_DECISIONS_REMEMBERED",
        "integer",
        "100000",
        "{trace}",
        "How many decisions of either kind are remembered, so that spans which come later follow them.",
        1_000,
        100_000_000,
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_DERIVED_SERIES",
        "integer",
        "2000",
        "{series}",
        "Most series that metrics from spans make for one service; what comes after is counted in one more.",
        100,
        1_000_000,
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_LOG_LEVEL",
        "level",
        "info",
        "",
        "How much the Collector writes about itself to stderr.",
    ),
    CollectorVariable(
        "OTELMON_COLLECTOR_OWN_METRICS_PORT",
        "integer",
        "8888",
        "",
        "Loopback port where the profile sentry-only shows the Collector's metrics about itself, at /metrics.",
        1,
        65_535,
    ),
    *remote_variables.VARIABLES,
)


def problems(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Returns one line for each variable whose value the Collector could not use; a secret is never shown."""
    found = []
    for variable in VARIABLES:
        text = environment.get(variable.name, "").strip()
        if text and not variable.accepts(text):
            found.append(f"{variable.name}={text[:60]!r} cannot be used; it takes {variable.safe_range}")
    return tuple(found)
