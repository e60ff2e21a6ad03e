"""OpenTelemetry's own environment variables that otelmon chooses where the user has not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping

EXPORTER_DEFAULTS = {
    "OTEL_TRACES_EXPORTER": "otlp",
    "OTEL_METRICS_EXPORTER": "otlp",
    "OTEL_LOGS_EXPORTER": "otlp",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
}
ALWAYS_DEFAULTS = {
    # 10 s instead of 60: an alert within two minutes of a breach needs several samples in that time.
    "OTEL_METRIC_EXPORT_INTERVAL": "10000",
    # Host and port keep their old names unless http is opted in as well (instrumentation-dbapi 0.66b1).
    "OTEL_SEMCONV_STABILITY_OPT_IN": "database,http",
}


# An event of each call comes in bursts: what a process does in half a second has to find room.
MANY_EVENTS_DEFAULTS = {"OTEL_BLRP_MAX_QUEUE_SIZE": "20480"}


def set_defaults(environment: MutableMapping[str, str], *, exporters: bool, many_events: bool = False) -> None:
    """Sets the variables that are unset or empty.

    Args:
        environment: usually ``os.environ``; instrumentors read it later.
        exporters: whether otelmon sets the SDK up and therefore chooses exporters.
        many_events: whether there will be an event of each call.
    """
    chosen = {**ALWAYS_DEFAULTS, **(EXPORTER_DEFAULTS if exporters else {})}
    if many_events:
        chosen |= MANY_EVENTS_DEFAULTS
    for name, value in chosen.items():
        if not environment.get(name, "").strip():
            environment[name] = value
