"""A configuration that changes under load: sent = delivered + refused + counted loss, and nothing else."""

from __future__ import annotations

import http.client
import threading
import time
import urllib.error
from typing import TYPE_CHECKING

import pytest

from otelmon.operate.cli.main import main
from tests.collector.accounts import missing, total
from tests.collector.telemetry import INTERNAL, span, traces

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from opentelemetry.proto.trace.v1.trace_pb2 import Span

    from tests.collector.conftest import Collector
    from tests.otlp_sink import OtlpSink

pytestmark = pytest.mark.parts
DB = {"db.system.name": "postgresql", "db.query.text": "SELECT 1"}
RELOADS = 3
LOST = ("otelcol_exporter_enqueue_failed_spans", "otelcol_exporter_send_failed_spans")


class Load:
    """Sends a trace of four spans a hundred times a second; what was not taken is not tried again."""

    def __init__(self, collector: Collector) -> None:
        self.taken: list[Span] = []
        self.refused: list[Span] = []
        self._collector, self._stop = collector, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Load:  # noqa: PYI034 - nobody derives from it
        """Begins."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends, after the last answer."""
        self._stop.set()
        self._thread.join(30)

    def _run(self) -> None:
        while not self._stop.wait(0.01):
            trace = [span("view", kind=INTERNAL) for _ in range(3)] + [span("slow", DB, milliseconds=900)]
            for each in trace:
                each.trace_id = trace[0].trace_id
            (self.taken if self._was_taken(trace) else self.refused).extend(trace)

    def _was_taken(self, trace: list[Span]) -> bool:
        try:
            return self._collector.send("/v1/traces", traces(trace)) == 200
        except urllib.error.HTTPError as error:
            error.close()
            return False
        except (OSError, http.client.HTTPException):
            return False


def test_a_reload_under_load_loses_nothing_that_was_taken(
    start_collector: Callable[..., Collector], sinks: dict[str, OtlpSink], tmp_path: Path
) -> None:
    """Three reloads under load: each span that was answered 200 arrives at both back ends; the others were refused."""
    own = tmp_path / "own.yaml"
    own.write_text("exporters: {debug/0: {}}\n")
    collector = start_collector(f"--config={own}")
    assert collector.process is not None
    command = ["collector", "reload", "--profile=dev", f"--pid={collector.process.pid}", f"--config={own}"]
    with Load(collector) as load:
        for number in range(1, RELOADS + 1):
            own.write_text(f"exporters: {{debug/{number}: {{}}}}\n")
            assert main(command) == 0
            end = time.monotonic() + 20
            while collector.log.read_text().count("Everything is ready") <= number:
                assert time.monotonic() < end
                time.sleep(0.05)
            time.sleep(0.5)
    assert len(load.taken) > 10 * RELOADS
    for name in ("jaeger", "sentry"):
        sinks[name].wait_for(lambda sink: missing(sink, load.taken) == 0, 30)
    assert [total(sinks["metrics"], name) for name in LOST] == [0, 0]
    assert collector.process.poll() is None
