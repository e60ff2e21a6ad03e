"""Runs ``otelmon observe`` beside a server and takes its share of the processor, on both sides, and its memory."""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from benchmarks.postgresql.processor import most_resident_bytes, processor_seconds
from demo.parts.ports import free_port
from tests.otlp_sink import OtlpSink

if TYPE_CHECKING:
    from tests.sql.servers import Server

STATEMENTS = """
SELECT COALESCE(sum(total_exec_time + total_plan_time), 0) / 1000 FROM pg_stat_statements
WHERE userid = 'otelmon_reader'::regrole
"""


@dataclass(frozen=True)
class Observed:
    """Holds shares of one core and memory; ``scheduled`` counts in the looks too rare for the time."""

    seconds: float
    backend_ratio: float
    statements_ratio: float
    process_ratio: float
    scheduled_ratio: float
    resident_bytes: int
    health_ms: float


def measure(server: Server, seconds: float, whole: dict[str, float]) -> Observed:
    """Watches an observer at its usual interval, once it has read everything for the first time.

    Args:
        server: the server that it observes.
        seconds: for how long.
        whole: processor milliseconds of each view read whole, which is at least what a look takes.
    """
    port, sink = free_port(), OtlpSink()
    environment = {
        **os.environ,
        "OTELMON_OBSERVE_DSN": server.url(user="otelmon_reader"),
        "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint,
    }
    command = [str(Path(sysconfig.get_path("scripts")) / "otelmon"), "observe", "--health-port", str(port)]
    child = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_until_read(port)
        return watch(server, child.pid, port, seconds, whole)
    finally:
        child.terminate()
        child.wait(10)
        sink.close()


def watch(server: Server, pid: int, port: int, seconds: float, whole: dict[str, float]) -> Observed:
    """Takes the figures at the beginning and the end of a time."""
    with psycopg.connect(server.url(), autocommit=True) as connection:

        def value(query: str) -> float:
            row = connection.execute(query.encode()).fetchone()
            return float(row[0]) if row else 0.0

        backend = int(value("SELECT pid FROM pg_stat_activity WHERE application_name = 'otelmon observe'"))
        began = time.monotonic()
        before = processor_seconds(backend), value(STATEMENTS), processor_seconds(pid)
        time.sleep(seconds)
        after = processor_seconds(backend), value(STATEMENTS), processor_seconds(pid)
        passed = time.monotonic() - began
    spent = [(end - start) / passed for start, end in zip(before, after, strict=True)]
    document, milliseconds = status(port)
    every = {name: view["every_seconds"] for name, view in document["views"].items()}
    scheduled = spent[0] + sum(whole[name] / 1000 / each for name, each in every.items() if each > passed)
    return Observed(passed, spent[0], spent[1], spent[2], scheduled, most_resident_bytes(pid), milliseconds)


def wait_until_read(port: int) -> None:
    """Waits until every view was read."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            document, _ = status(port)
        except OSError:
            time.sleep(0.2)
            continue
        if all(view["reason"] == "ok" for view in document["views"].values()):
            return
        time.sleep(0.2)
    raise SystemExit("the observer has not read every view within a minute")


def status(port: int) -> tuple[dict[str, Any], float]:
    """Returns /status and the milliseconds that it took."""
    began = time.perf_counter()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/status", timeout=5) as answer:
        document: dict[str, Any] = json.loads(answer.read())
    return document, (time.perf_counter() - began) * 1000
