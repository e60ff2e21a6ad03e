"""Celery's prefork workers end by ``os._exit``, after ten tasks or with the last: nothing that was finished is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.life.serving import ROOT, SECONDS_OF_THE_SERVER, SHUTDOWN_SECONDS, environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.life.serving import Server
    from tests.otlp_sink import OtlpSink

TASKS, TASKS_A_CHILD = 60, 10
WORKER = ("-m", "celery", "--app=tests.life.tasks", "worker", "--pool=prefork", "--concurrency=2", "--loglevel=WARNING")


@pytest.mark.suites
def test_prefork_workers_with_few_tasks_each(serve: Callable[..., Server], sink: OtlpSink, tmp_path: Path) -> None:
    """Six children or more, one after the other; each counts from zero, is watched, and delivers before it ends."""
    for name in ("queue", "results"):
        (tmp_path / name).mkdir()
    # So slow that what arrives has been delivered by the ends of the children.
    variables = {"LIFE_FOLDER": str(tmp_path), "OTEL_BSP_SCHEDULE_DELAY": "60000"}
    worker = serve(sys.executable, *WORKER, f"--max-tasks-per-child={TASKS_A_CHILD}", **variables)
    asked = subprocess.run(
        [sys.executable, "-m", "tests.life.ask_celery", str(TASKS)],
        cwd=ROOT,
        env=environment("", **variables),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert asked.returncode == 0, (asked.stderr[-1000:], worker.written())
    assert worker.end() < SHUTDOWN_SECONDS + SECONDS_OF_THE_SERVER, worker.written()
    assert "Traceback" not in worker.written(), worker.written()
    told = [json.loads(line) for line in asked.stdout.splitlines()]
    assert all(each["watch"] and each["started"] == each["begun"] for each in told), told
    assert len({each["pid"] for each in told}) >= TASKS // TASKS_A_CHILD
    arrived = [span.span_id.hex() for span in sink.spans() if span.name == "task"]
    assert sorted(arrived) == sorted(each["span"] for each in told)
