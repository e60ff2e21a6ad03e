"""The names of the Collector's own metrics in README.md and alerts/ are those that a running one writes into the store.

One Collector with tiny bounds is made to lose data in every way that the table has.
"""

from __future__ import annotations

import json
import os
import re
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.collector.telemetry import INTERNAL, gauge, logs, span, traces
from tests.otlp_sink import OtlpSink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from google.protobuf.message import Message

    from demo.parts.victoriametrics import VictoriaMetrics
    from tests.collector.conftest import Collector

pytestmark = pytest.mark.parts
ROOT = Path(__file__).parents[2]
DB = {"db.system.name": "postgresql", "db.query.text": "SELECT 1"}
SIGNALS = ("spans", "log_records", "metric_points")
SECONDS = 60.0
ONE_MORE = "{receivers: [forward/redacted], processors: [batch/jaeger], exporters: [otlp_http/full, otlp_http/refused]}"
TINY = (
    "--config=yaml:exporters::otlp_http/jaeger::sending_queue::queue_size: 4096",
    "--config=yaml:exporters::otlp_http/full::sending_queue::queue_size: 64",
    "--config=yaml:exporters::otlp_http/full::endpoint: http://127.0.0.1:9",
    "--config=yaml:exporters::otlp_http/full::sending_queue::sizer: bytes",
    *(f"--config=yaml:service::pipelines::{each}/full: {ONE_MORE}" for each in ("traces", "logs", "metrics")),
)


def in_table() -> set[str]:
    """Returns the names in README's table, those of the other signals too where it shortens them."""
    text = (ROOT / "collector" / "README.md").read_text(encoding="utf-8").partition("## Own metrics")[2]
    rows = [line for line in text.partition("## What it does not")[0].splitlines() if line.startswith("|")]
    names = {name for row in rows for name in re.findall(r"`(otel(?:col_|mon\.)[\w.]+)`", row.split("|")[1])}
    for row in rows:
        whole = re.findall(r"`(otelcol_[\w]+_)spans`", row.split("|")[1])
        if "_log_records" in row or "…" in row:
            names |= {f"{stem}{signal}" for stem in whole for signal in SIGNALS}
    return names


def in_alerts() -> set[str]:
    """Returns the names that the rules read."""
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "alerts" / "rules").glob("*.yaml"))
    return set(re.findall(r"\botelcol_\w+", text))


def in_store(store: VictoriaMetrics) -> set[str]:
    """Returns every name that VictoriaMetrics has."""
    with urllib.request.urlopen(f"{store.url}/api/v1/label/__name__/values", timeout=10) as answer:
        return set(json.load(answer)["data"])


def as_stored(name: str, stored: set[str]) -> bool:
    """Tells whether the store has a name of OTLP: points are underscores there, and units and ``_total`` are added."""
    plain = re.escape(name.replace(".", "_"))
    return any(re.fullmatch(f"{plain}(_(bytes|seconds|milliseconds))?(_total|_bucket)?", each) for each in stored)


def wrong(stored: set[str]) -> list[str]:
    """Returns the names that the store does not have."""
    return sorted({name for name in in_table() if not as_stored(name, stored)} | (in_alerts() - stored))


def every_loss(collector: Collector) -> None:
    """Sends what is refused, cannot be read, is too large, comes too late, or finds a full queue."""
    body = urllib.request.Request(
        f"http://127.0.0.1:{collector.http}/v1/traces", b"\xff", {"content-type": "application/x-protobuf"}
    )
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(body, timeout=10)
    collector.send("/v1/traces", traces(span("view", kind=INTERNAL) for _ in range(20)))
    large = os.urandom(16)
    collector.send("/v1/traces", traces(span("x" * 500, kind=INTERNAL, trace_id=large) for _ in range(40)))
    collector.send("/v1/traces", traces(span("slow", DB, milliseconds=900) for _ in range(60)))
    collector.send("/v1/logs", logs("x", {"otelmon.sentry.captured": True}))
    collector.send("/v1/logs", logs("x" * 100, {}))
    collector.send("/v1/metrics", gauge("x" * 100, 1))
    late = span("in time", kind=INTERNAL)
    collector.send("/v1/traces", traces([late]))
    time.sleep(2.5)
    collector.send("/v1/traces", traces([span("late", kind=INTERNAL, trace_id=late.trace_id)]))


@pytest.fixture
def stored(start_collector: Callable[..., Collector], victoriametrics: VictoriaMetrics) -> Iterator[set[str]]:
    """Gives the names in the store after every kind of loss, as soon as all wanted are there or time is up."""
    refusing = OtlpSink()
    refusing.status = 403
    variables = {
        "OTELMON_COLLECTOR_OWN_METRICS_ENDPOINT": victoriametrics.otlp_endpoint,
        "OTELMON_COLLECTOR_METRICS_ENDPOINT": victoriametrics.otlp_endpoint,
        "OTELMON_COLLECTOR_SENTRY_ENDPOINT": refusing.endpoint,
        "OTELMON_COLLECTOR_TRACE_BYTES": "4096",
        "OTELMON_COLLECTOR_TRACES_IN_MEMORY": "10",
    }
    refused = f"--config=yaml:exporters::otlp_http/refused::endpoint: {refusing.endpoint}"
    every_loss(start_collector(*TINY, refused, **variables))
    refusal(start_collector(OTELMON_COLLECTOR_MEMORY_LIMIT_MIB="4", **variables))
    yield names_after(victoriametrics)
    refusing.close()


def refusal(collector: Collector) -> None:
    """Sends a request of each signal until its memory limit has refused all three."""
    wanted = {"/v1/traces": traces([span("x")]), "/v1/logs": logs("x", {}), "/v1/metrics": gauge("x", 1)}
    end = time.monotonic() + 20
    while wanted and time.monotonic() < end:
        wanted = {path: message for path, message in wanted.items() if was_taken(collector, path, message)}
        time.sleep(0.05)
    assert not wanted


def was_taken(collector: Collector, path: str, message: Message) -> bool:
    """Sends one request and returns whether it was taken."""
    try:
        return collector.send(path, message) == 200
    except urllib.error.HTTPError as error:
        error.close()
        return False


def names_after(store: VictoriaMetrics) -> set[str]:
    """Waits for the next writing of own metrics, and returns what is in the store then."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and wrong(in_store(store)):
        time.sleep(0.5)
    return in_store(store)


def test_every_name_is_one_that_a_collector_writes(stored: set[str]) -> None:
    """Neither the table in README.md nor a rule in alerts/ names a metric that does not exist."""
    assert len(in_table()) > 20
    assert wrong(stored) == []
