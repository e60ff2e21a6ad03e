"""Sets OpenTelemetry up for the process that sends canaries, and sends one as far as the first hop."""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import TYPE_CHECKING

from opentelemetry import trace

from otelmon.launch import lifecycle
from otelmon.launch.configure import configure_plainly
from otelmon.launch.defaults import set_defaults
from otelmon.launch.quiet import quieten_exporters
from otelmon.watch.canary import send_canary

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from otelmon.launch.configure import Sessions

SERVICE_NAME = "otelmon-canary"
SECONDS_TO_FLUSH = 10


def set_up() -> Sessions:
    """Sets up the SDK: every canary is sampled, everything else is as the environment says."""
    choose(os.environ)
    sessions = configure_plainly({})
    lifecycle.take_over_exit(sessions)
    quieten_exporters()
    return sessions


def choose(environment: MutableMapping[str, str]) -> None:
    """Sets the variables that the user has not set; a sampler for applications would drop canaries."""
    environment["OTEL_TRACES_SAMPLER"] = "always_on"
    if not environment.get("OTEL_SERVICE_NAME", "").strip():
        environment["OTEL_SERVICE_NAME"] = SERVICE_NAME
    set_defaults(environment, exporters=True)


def send() -> int:
    """Sends one canary and waits until the exporter is done with it; returns the trace id."""
    trace_id = send_canary(trace.get_tracer("otelmon.canary", version("otelmon")))
    flush = getattr(trace.get_tracer_provider(), "force_flush", None)
    if flush is not None:
        flush(SECONDS_TO_FLUSH * 1000)
    return trace_id


def service_name() -> str:
    """Returns the service.name under which canaries are sent."""
    return os.environ.get("OTEL_SERVICE_NAME", SERVICE_NAME)
