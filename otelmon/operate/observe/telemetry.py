"""Sets OpenTelemetry up for the observer: metrics and events over OTLP, http/protobuf; OTEL_* variables hold."""

from __future__ import annotations

import os
import threading
from importlib.metadata import version
from typing import TYPE_CHECKING

from opentelemetry import metrics

from otelmon.launch import lifecycle
from otelmon.launch.configure import configure_plainly
from otelmon.launch.defaults import set_defaults
from otelmon.launch.quiet import quieten_exporters

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from opentelemetry.metrics import Meter

    from otelmon.launch.configure import Sessions

SERVICE_NAME = "postgresql"
EVENTS_AT_MOST_AFTER_MS = "1000"


def set_up(server: Mapping[str, str | int], interval_seconds: float) -> Sessions:
    """Sets up the SDK; what the environment says of exporters, intervals and names holds.

    Args:
        server: server.address, server.port and service.instance.id.
        interval_seconds: between exports, unless OTEL_METRIC_EXPORT_INTERVAL says otherwise.
    """
    choose(os.environ, interval_seconds)
    sessions = configure_plainly(resource_of(os.environ, server))
    lifecycle.take_over_exit(sessions)
    quieten_exporters()
    return sessions


def choose(environment: MutableMapping[str, str], interval_seconds: float) -> None:
    """Sets the variables that the user has not set: no traces, exports as often as views are read."""
    chosen = {
        "OTEL_TRACES_EXPORTER": "none",
        "OTEL_METRIC_EXPORT_INTERVAL": f"{interval_seconds * 1000:.0f}",
        "OTEL_BLRP_SCHEDULE_DELAY": EVENTS_AT_MOST_AFTER_MS,
    }
    for name, value in chosen.items():
        if not environment.get(name, "").strip():
            environment[name] = value
    set_defaults(environment, exporters=True)


def resource_of(environment: Mapping[str, str], server: Mapping[str, str | int]) -> dict[str, str | int]:
    """Returns what the observer says of its resource; what the user says in OTEL_* variables is left to him."""
    said = {pair.partition("=")[0].strip() for pair in environment.get("OTEL_RESOURCE_ATTRIBUTES", "").split(",")}
    if environment.get("OTEL_SERVICE_NAME", "").strip():
        said.add("service.name")
    known = {"service.name": SERVICE_NAME, **server}
    return {name: value for name, value in known.items() if name not in said}


def meter() -> Meter:
    """Returns what creates the observer's instruments."""
    return metrics.get_meter("otelmon.observe", version("otelmon"))


def shut_down(sessions: Sessions, seconds: float) -> bool:
    """Sends what is left and tells whether that ended in time; a Collector that hangs is not waited for longer."""
    thread = threading.Thread(
        target=lifecycle.shut_down, args=(sessions, seconds), daemon=True, name="otelmon-observe-shutdown"
    )
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()
