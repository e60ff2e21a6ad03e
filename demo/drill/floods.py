"""A fault of senders: one trace that never ends, until it is larger than the Collector lets one be."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from demo.drill.http import told
from otelmon.operate.drill.fault import Fault, Stage

if TYPE_CHECKING:
    from demo.drill.situation import Situation

# Twice OTELMON_COLLECTOR_TRACE_BYTES, which is 4 MiB unless somebody changes it.
REQUESTS, SPANS, NAME = 20, 500, "step of a job that never ends " + "x" * 800


def endless_trace(here: Situation) -> Fault:
    """A trace of ten thousand spans with long names, sent beside the usual ones."""

    def flood() -> float:
        trace = secrets.token_hex(16)
        for _ in range(REQUESTS):
            told("POST", f"{here.places.gate}/v1/traces", request(trace))
        return time.time()

    return Fault(
        "endless-trace",
        (Stage(("OtelmonCollectorOverrun", "warning"), "a trace of 8 MB", flood, {"service": "otelmon-collector"}),),
        lambda: None,
        uses=frozenset({"collector"}),
    )


def request(trace: str) -> dict[str, object]:
    """Returns a part of the trace as OTLP's JSON."""
    now = str(time.time_ns())
    spans = [
        {
            "traceId": trace,
            "spanId": secrets.token_hex(8),
            "name": NAME,
            "kind": 1,
            "startTimeUnixNano": now,
            "endTimeUnixNano": now,
        }
        for _ in range(SPANS)
    ]
    service = [{"key": "service.name", "value": {"stringValue": "endless"}}]
    return {"resourceSpans": [{"resource": {"attributes": service}, "scopeSpans": [{"spans": spans}]}]}
