"""More than five hundred secrets go in, by every signal and at every place; none comes out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.collector.planted import planted
from tests.collector.telemetry import gauge, logs, span, traces

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.collector.conftest import Collector
    from tests.otlp_sink import OtlpSink

pytestmark = pytest.mark.parts
LAST = "the-last-one"


def test_no_planted_secret_leaves(start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink]) -> None:
    """The raw requests that the back ends got, and the queues on disk, hold none; what carried them has arrived."""
    collector = start_collector()
    sent = list(planted())
    assert len(sent) >= 500
    for each in sent:
        assert collector.send(each.path, each.message) == 200, each.where
    collector.send("/v1/traces", traces([span(LAST, {"db.system.name": "postgresql"}, milliseconds=900)]))
    collector.send("/v1/logs", logs(LAST, {}))
    collector.send("/v1/metrics", gauge(LAST, 1))
    counts = Counter(each.path for each in sent)
    sinks["jaeger"].wait_for(lambda sink: len(sink.spans()) > counts["/v1/traces"], 60)
    sinks["sentry"].wait_for(lambda sink: len(sink.spans()) > counts["/v1/traces"], 60)
    sinks["sentry"].wait_for(lambda sink: len(sink.events()) > counts["/v1/logs"], 60)
    sinks["metrics"].wait_for(lambda sink: LAST in sink.metrics(), 60)
    raw = b"\0".join(body for sink in sinks.values() for _, body in sink.raw)
    disk = Path(collector.environment["OTELMON_COLLECTOR_QUEUE_DIRECTORY"])
    raw += b"\0".join(path.read_bytes() for path in disk.iterdir())
    assert [each.where for each in sent if each.secret.encode() in raw] == []
