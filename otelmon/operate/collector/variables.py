"""Every ``OTELMON_COLLECTOR_*`` variable that the Collector's configuration reads, as in collector/env.example."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Kind = Literal["address", "url", "duration", "integer", "percentage", "path", "level", "secret"]

LEVELS = ("debug", "info", "warn", "error")
HIGHEST_PORT = 65535
ACCEPTED: Mapping[Kind, str] = {
    "address": "host:port",
    "url": "http:// or https:// with a host",
    "duration": "a number with ms, s or m, such as 5s",
    "percentage": "0 to 100",
    "path": "a folder that can be written",
    "level": ", ".join(LEVELS),
    "secret": "any",
}


@dataclass(frozen=True, slots=True)
class CollectorVariable:
    """Describes one variable; ``low`` and ``high`` bound integers, both inclusive, and stand in ``safe`` otherwise."""

    name: str
    kind: Kind
    default: str
    unit: str
    meaning: str
    low: int = 0
    high: int = 0
    safe: str = ""

    @property
    def safe_range(self) -> str:
        """Returns the accepted values as one readable phrase."""
        if self.safe:
            return self.safe
        return f"{self.low} to {self.high}" if self.kind == "integer" else ACCEPTED[self.kind]

    def accepts(self, text: str) -> bool:
        """Returns whether the Collector can use a value."""
        if self.kind == "integer":
            return text.isascii() and text.isdigit() and self.low <= int(text) <= self.high
        return _CHECKS[self.kind](text)


def _address(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return bool(host) and port.isascii() and port.isdigit() and 0 < int(port) <= HIGHEST_PORT


def _url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _duration(text: str) -> bool:
    return re.fullmatch(r"\d+(\.\d+)?(ms|s|m)", text) is not None


def _percentage(text: str) -> bool:
    return re.fullmatch(r"\d{1,3}(\.\d+)?", text) is not None and float(text) <= 100  # noqa: PLR2004 - per cent


_CHECKS: Mapping[Kind, Callable[[str], bool]] = {
    "address": _address,
    "url": _url,
    "duration": _duration,
    "percentage": _percentage,
    "path": bool,
    "level": LEVELS.__contains__,
    "secret": bool,
}

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
        "Memory of the Collector; from four fifths of it on, senders are told to wait.",
        64,
        1_048_576,
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
        "OTELMON_COLLECTOR_LOG_LEVEL",
        "level",
        "info",
        "",
        "How much the Collector writes about itself to stderr.",
    ),
)


def problems(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Returns one line for each variable whose value the Collector could not use; a secret is never shown."""
    found = []
    for variable in VARIABLES:
        text = environment.get(variable.name, "").strip()
        if text and not variable.accepts(text):
            found.append(f"{variable.name}={text[:60]!r} cannot be used; it takes {variable.safe_range}")
    return tuple(found)
