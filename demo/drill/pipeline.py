"""Faults on the way of telemetry: spans lost, queues, back ends, the disk."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING

from demo.drill import disk
from demo.drill.http import told
from demo.parts.waiting import answers
from otelmon.operate.drill.fault import Consequence, Fault, Stage

if TYPE_CHECKING:
    from demo.drill.situation import Situation

JAEGER, SENTRY = "otlp_http/jaeger", "otlp_http/sentry"
COLLECTOR = "collector"
PARTS_OF_A_TRACE = 6


def spans_lost(here: Situation) -> Fault:
    """A way to the Collector on which traces are refused, and metrics are not."""
    return Fault(
        "spans-lost",
        (
            Stage(
                ("OtelmonSpansLost", "warning"), "traces of one service answered with 401",
                lambda: told("PUT", f"{here.places.gate}/gate", {"refuse": "/v1/traces"}), {"service": "batch"},
                also=(Consequence("OtelmonCanaryAbsent", "canaries are traces too", {"service": "batch"}),),
            ),
        ),
        lambda: told("PUT", f"{here.places.gate}/gate", {}),
        uses=frozenset({COLLECTOR, "services"}),
        takes=frozenset({"batch"}),
    )  # fmt: skip


def canary_absent(here: Situation) -> Fault:
    """A way on which traces are taken and thrown away: nobody counts a loss, and only canaries are missed."""
    return Fault(
        "canary-absent",
        (
            Stage(
                ("OtelmonCanaryAbsent", "critical"), "traces of one service answered with 200 and thrown away",
                lambda: told("PUT", f"{here.places.gate}/gate", {"swallow": "/v1/traces"}), {"service": "batch"},
            ),
        ),
        lambda: told("PUT", f"{here.places.gate}/gate", {}),
        uses=frozenset({COLLECTOR, "services"}),
        takes=frozenset({"batch"}),
    )  # fmt: skip


def backend_down(here: Situation) -> Fault:
    """Jaeger killed."""
    stage = Stage(
        ("OtelmonBackendDown", "critical"), "Jaeger killed", lambda: here.supervisor.kill_part("jaeger"),
        {"exporter": JAEGER},
    )  # fmt: skip
    return Fault(
        "backend-down",
        (stage,),
        lambda: here.supervisor.start_again("jaeger", lambda: answers(f"{here.places.jaeger}/api/services")),
        uses=frozenset({COLLECTOR, "services"}),
        takes=frozenset({"jaeger"}),
    )


def collector_overrun(here: Situation) -> Fault:
    """One trace that is larger than a trace may be in the Collector's memory."""

    def inject() -> None:
        trace = secrets.token_hex(16)
        for _ in range(PARTS_OF_A_TRACE):
            told("POST", f"{here.places.collector}/v1/traces", a_part_of(trace))

    stage = Stage(("OtelmonCollectorOverrun", "warning"), "a trace of 6 MB, where 4 MiB are allowed", inject)
    return Fault("collector-overrun", (stage,), lambda: None, uses=frozenset({COLLECTOR}))


def a_part_of(trace: str) -> dict[str, object]:
    """Returns 1 MB of a trace as OTLP in JSON: a hundred spans with a long attribute each."""
    now = time.time_ns()
    spans = [
        {
            "traceId": trace, "spanId": secrets.token_hex(8), "name": "part", "kind": 1,
            "startTimeUnixNano": str(now), "endTimeUnixNano": str(now + 1000),
            "attributes": [{"key": "text", "value": {"stringValue": "x" * 10_000}}],
        }
        for _ in range(100)
    ]  # fmt: skip
    service = {"attributes": [{"key": "service.name", "value": {"stringValue": "importer"}}]}
    return {"resourceSpans": [{"resource": service, "scopeSpans": [{"spans": spans}]}]}


def export_failing(here: Situation) -> Fault:
    """A back end that refuses the key."""

    def answer(status: int) -> None:
        told("PUT", f"{here.places.sentry}/api/0/behavior", {"status": status})

    return Fault(
        "export-failing",
        (
            Stage(
                ("OtelmonExportFailing", "critical"), "Sentry's stand-in answers 401", lambda: answer(401),
                {"exporter": SENTRY},
            ),
        ),
        lambda: answer(0),
        uses=frozenset({COLLECTOR, "services"}),
        takes=frozenset({"sentry"}),
    )  # fmt: skip


def disk_nearly_full(here: Situation) -> Fault:
    """A file that grows on the disk of the metrics store."""
    directory = Path(here.places.metrics_directory)
    return Fault(
        "disk-nearly-full",
        (
            Stage(
                ("OtelmonDiskNearlyFull", "warning"),
                "a file fills the disk to 88 %",
                lambda: disk.fill(directory, 0.88),
            ),
            Stage(("OtelmonDiskNearlyFull", "critical"), "and to 96 %", lambda: disk.fill(directory, 0.96)),
        ),
        lambda: disk.empty(directory),
        takes=frozenset({"disk"}),
    )
