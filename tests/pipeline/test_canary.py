"""A canary on real parts is found behind every hop; a hop that is shut is named, and hides no other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from demo.parts.waiting import wait_for
from demo.readback.victoriametrics import VictoriaMetricsReader
from otelmon.operate.canary import heartbeats

if TYPE_CHECKING:
    from pathlib import Path

    from demo.parts.collector import Collector
    from demo.parts.jaeger import Jaeger
    from demo.parts.victoriametrics import VictoriaMetrics

pytestmark = pytest.mark.parts
COMMAND = [sys.executable, "-m", "otelmon.operate.cli.main", "canary"]


@pytest.fixture
def environment(collector: Collector, jaeger: Jaeger, victoriametrics: VictoriaMetrics) -> dict[str, str]:
    """Returns the variables that lead to the real parts."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "OTELMON_"))}
    return env | {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        "OTEL_METRIC_EXPORT_INTERVAL": "1000",
        "OTELMON_JAEGER_URL": jaeger.url,
        "OTELMON_METRICS_URL": victoriametrics.url,
    }


def test_a_canary_is_found_behind_every_hop(environment: dict[str, str]) -> None:
    """Kept and sampled way to Jaeger, metrics store and Sentry: each is reached, with the time it took; exit code 0."""
    done = subprocess.run(
        [*COMMAND, "--once", "--json"], env=environment, capture_output=True, text=True, check=False, timeout=150
    )
    assert done.returncode == 0, done.stdout + done.stderr
    passage = json.loads(done.stdout)
    assert set(passage["seconds"]) == {"jaeger_kept", "jaeger_sampled", "metrics", "sentry"}
    assert passage["missed"] == {}
    assert all(0 < seconds < 90 for seconds in passage["seconds"].values())
    # What is kept does not wait for the decision about its trace.
    assert passage["seconds"]["jaeger_kept"] <= passage["seconds"]["jaeger_sampled"]


def test_a_hop_that_is_shut_is_named(environment: dict[str, str]) -> None:
    """Where Jaeger does not answer the reason says so, the metrics are found all the same; exit code 1."""
    environment["OTELMON_JAEGER_URL"] = "http://127.0.0.1:9"
    hops = ["--hop", "jaeger_kept", "--hop", "metrics", "--deadline", "20"]
    done = subprocess.run(
        [*COMMAND, "--once", *hops], env=environment, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 1, done.stderr
    assert "jaeger_kept      MISSED: " in done.stdout
    assert "metrics          after " in done.stdout
    assert "Traceback" not in done.stderr


def test_the_process_shows_its_figures_in_the_store(
    environment: dict[str, str], victoriametrics: VictoriaMetrics, tmp_path: Path
) -> None:
    """Canaries sent and seen by hop, their delay, and the processes that beat: all in the store; SIGTERM ends it."""
    now = int(time.time())
    for pid, beat in ((1, now + 60), (2, now - 60)):
        sign = {"service": "shop", "host": "h", "pid": pid, "started": 0, "beat": beat}
        (tmp_path / f"h-{pid}.heartbeat.json").write_text(json.dumps(sign))
    command = [*COMMAND, "--hop", "jaeger_kept", "--interval", "2", "--heartbeats", str(tmp_path)]
    reader = VictoriaMetricsReader(victoriametrics.url)
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
        try:
            assert wait_for(lambda: reader.query('otelmon_canary_seen_total{otelmon_hop="jaeger_kept"} > 1'), 90)
            for expected in (
                'otelmon_canary_delay_seconds{otelmon_hop="jaeger_kept"} > 0',
                'otelmon_canary_newest_seconds{otelmon_hop="jaeger_kept"} > 1700000000',
                "otelmon_canary_sent_total > 1",
                'otelmon_heartbeat_processes{service="shop",state="stale"} == 1',
                'otelmon_heartbeat_processes{service="shop",state="alive"} == 1',
            ):
                assert reader.query(expected), expected
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            if process.poll() is None:
                process.kill()


def test_signs_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    """Half a file, a list, a file without a time: none of them is a process, none stops the reading."""
    for name, text in (("half", '{"ser'), ("list", "[]"), ("timeless", '{"pid": 1}'), ("big", "x" * 9999)):
        (tmp_path / f"{name}.heartbeat.json").write_text(text)
    (tmp_path / "good.heartbeat.json").write_text('{"service": "s", "host": "h", "pid": 7, "beat": 1000}')
    assert heartbeats.read(tmp_path, 1046.0) == [heartbeats.Sign("s", "h", 7, 46.0)]
    assert heartbeats.read(tmp_path, 1046.0)[0].state == "stale"
    assert heartbeats.read(tmp_path / "absent", 0.0) == []
