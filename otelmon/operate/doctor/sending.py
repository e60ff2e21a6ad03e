"""Whether the canary left its process and was taken by the Collector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.doctor.result import Result
from otelmon.operate.overview.addresses import without_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.operate.doctor.canary import Planted

SDK, COLLECTOR = "SDK", "Collector"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
USUAL_ENDPOINT = "http://localhost:4318"
_SET = "set OTEL_EXPORTER_OTLP_ENDPOINT to the Collector's OTLP over HTTP, usually port 4318"
_SLOW = ("{} did not answer in time", "see whether the Collector hangs or is overloaded, and the network")
# By reason of loss: what was seen of an endpoint, and how to mend it.
MEANINGS = {
    "refused": ("nothing listens at {}", f"start it (`otelmon collector run`), or {_SET}"),
    "tls": ("{} does not prove by TLS who it is", "see its certificate, and OTEL_EXPORTER_OTLP_CERTIFICATE"),
    "timeout": _SLOW,
    "shutdown": _SLOW,
    "http_3xx": ("{} leads elsewhere (3xx)", _SET),
    "http_4xx": ("what answers at {} takes no OTLP, or refuses us (4xx)", f"is this the Collector? {_SET}"),
    "http_5xx": ("{} could not take spans (5xx)", "see the Collector's log; above its memory limit it answers 503"),
    "failed": ("what answers at {} does not speak HTTP", f"4317 is gRPC: {_SET}"),
}


def sdk(planted: Planted, environment: Mapping[str, str]) -> Result:
    """Tells whether the application's own part made spans and handed them to an exporter."""
    if planted.trouble:
        fix = "run `opentelemetry-instrument python -c pass` and read what it says"
        return Result("way", SDK, "finding", f"a process under otelmon failed: {planted.trouble}", fix)
    if not planted.active:
        fix = "unset OTELMON_DISABLED and OTEL_SDK_DISABLED, and see `otelmon settings`"
        return Result("way", SDK, "finding", "otelmon is switched off, or could not be switched on", fix)
    if not planted.trace_id:
        return Result("way", SDK, "finding", "the SDK makes no spans", "unset OTEL_SDK_DISABLED")
    if not planted.started:
        exporter = environment.get("OTEL_TRACES_EXPORTER", "").strip()
        seen = "the span was made and handed to no exporter of otelmon's"
        fix = (
            f"OTEL_TRACES_EXPORTER is {exporter}: unset it, or set it to otlp"
            if exporter and exporter != "otlp"
            else "see whether another distro, OTEL_CONFIG_FILE or the application sets the SDK up"
        )
        return Result("way", SDK, "finding", seen, fix)
    return Result("way", SDK, "ok", f"{planted.started} spans were made and handed to an exporter")


def collector(planted: Planted, environment: Mapping[str, str]) -> Result:
    """Tells whether the Collector took what the process sent."""
    if not planted.started:
        return Result("way", COLLECTOR, "unknown", "nothing was sent to it")
    endpoint = without_credentials(endpoint_of(environment))
    if planted.delivered >= planted.started:
        return Result("way", COLLECTOR, "ok", f"{endpoint} took {planted.delivered} spans")
    reason = next(iter(planted.lost), "timeout")
    seen, fix = _explained(reason, endpoint)
    return Result("way", COLLECTOR, "finding", seen, fix)


def endpoint_of(environment: Mapping[str, str]) -> str:
    """Returns where traces are sent."""
    return next((text for name in ENDPOINTS if (text := environment.get(name, "").strip())), USUAL_ENDPOINT)


def _explained(reason: str, endpoint: str) -> tuple[str, str]:
    """Returns what a reason of loss means here, and what to do."""
    seen, fix = MEANINGS.get(reason, (f"{{}} did not take the spans: {reason}", "see the Collector's log"))
    return seen.format(endpoint), fix
