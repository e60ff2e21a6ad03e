"""The disk of the queues is full: what does not fit is counted to the last span, and what fits is delivered later."""

from __future__ import annotations

import os
import subprocess
import urllib.error
from typing import TYPE_CHECKING

import pytest

from otelmon.operate.collector import build
from tests.collector.accounts import missing, total
from tests.collector.conftest import Collector
from tests.collector.telemetry import span, traces

if TYPE_CHECKING:
    from pathlib import Path

    from opentelemetry.proto.trace.v1.trace_pb2 import Span

    from tests.otlp_sink import OtlpSink

pytestmark = pytest.mark.parts
DISK = "6m"
DB = {"db.system.name": "postgresql", "db.query.text": "SELECT 1"}
FAILED = "otelcol_exporter_enqueue_failed_spans"


def on_a_small_disk(folder: Path, program: Path) -> Path:
    """Returns a program that runs the Collector in a mount namespace of its own, where ``folder`` has DISK bytes."""
    starter = folder.parent / f"{program.name}-on-a-small-disk"
    mount = f"mount -t tmpfs -o size={DISK} none {folder}"
    alone = "unshare --mount" if os.geteuid() == 0 else "unshare --user --map-root-user --mount"
    inside = f"{mount} && exec {program}"
    starter.write_text(f'#!/bin/sh\nexec {alone} sh -c \'{inside} "$@"\' sh "$@"\n', encoding="utf-8")
    starter.chmod(0o700)
    return starter


def was_taken(collector: Collector, one: Span) -> bool:
    """Sends one span and returns whether it was answered 200."""
    try:
        return collector.send("/v1/traces", traces([one])) == 200
    except urllib.error.HTTPError as error:
        error.close()
        return False


def taken(collector: Collector, spans: list[Span]) -> list[Span]:
    """Sends spans one request each; returns those that were taken."""
    return [each for each in spans if was_taken(collector, each)]


def balanced(sinks: dict[str, OtlpSink], sent: list[Span], name: str) -> bool:
    """Tells whether one back end misses exactly as many spans as its exporter counted as not queued."""
    return missing(sinks[name], sent) == total(sinks["metrics"], FAILED, exporter=f"otlp_http/{name}")


def test_a_full_disk_is_counted_to_the_last_span(sinks: dict[str, OtlpSink], tmp_path: Path) -> None:
    """Sent = delivered + counted loss at each back end; the process lives, and takes and delivers afterwards."""
    folder = tmp_path / "queue"
    folder.mkdir()
    environment = {
        "OTELMON_COLLECTOR_JAEGER_ENDPOINT": sinks["jaeger"].endpoint,
        "OTELMON_COLLECTOR_SENTRY_ENDPOINT": sinks["sentry"].endpoint,
        "OTELMON_COLLECTOR_METRICS_ENDPOINT": f"{sinks['metrics'].endpoint}/v1/metrics",
        "OTELMON_COLLECTOR_OWN_METRICS_ENDPOINT": f"{sinks['metrics'].endpoint}/v1/metrics",
        "OTELMON_COLLECTOR_QUEUE_DIRECTORY": str(folder),
    }
    program = on_a_small_disk(folder, build.collector_program())
    collector = Collector(program, environment, tmp_path / "log", ())
    sinks["jaeger"].status = 503
    try:
        collector.start()
        large = [span("slow", {**DB, "note": os.urandom(20_000).hex()}, milliseconds=900) for _ in range(300)]
        sent = taken(collector, large)
        assert len(sent) == len(large)
        sinks["metrics"].wait_for(lambda sink: total(sink, FAILED, exporter="otlp_http/jaeger") > 0, 30)
        sinks["jaeger"].status = 200
        sent += (after := taken(collector, [span("slow", DB, milliseconds=900)]))
        sinks["jaeger"].wait_for(lambda sink: missing(sink, after) == 0, 40)
        sinks["metrics"].wait_for(lambda _: balanced(sinks, sent, "jaeger") and balanced(sinks, sent, "sentry"), 40)
        assert 0 < missing(sinks["jaeger"], sent) < len(sent)
        assert collector.process is not None
        assert collector.process.poll() is None
    finally:
        sinks["jaeger"].status = 200
        collector.stop()


def test_the_small_disk_is_one(tmp_path: Path) -> None:
    """Writing more than DISK into it fails, so the test above tests what it says."""
    folder = tmp_path / "disk"
    folder.mkdir()
    writer = tmp_path / "writer"
    writer.write_text(f"#!/bin/sh\nexec head -c 8000000 /dev/zero > {folder}/file\n", encoding="utf-8")
    writer.chmod(0o700)
    done = subprocess.run([str(on_a_small_disk(folder, writer))], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "No space left" in done.stderr
