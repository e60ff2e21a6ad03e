"""Forks at random moments, with threads that hold any lock there is: no child hangs, or sends its parent's spans."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.life.serving import BIN, environment

if TYPE_CHECKING:
    from tests.otlp_sink import OtlpSink

PROGRAM = str(Path(__file__).with_name("forking.py"))
TOGETHER = 4


def fork(sink: OtlpSink, forks: int, seconds: float) -> None:
    """Forks so often and asserts that every child ended well, with its one span at the receiver, once."""
    done = subprocess.run(
        [BIN / "opentelemetry-instrument", sys.executable, PROGRAM, str(forks), str(TOGETHER)],
        # Exports all the time, so that forks meet them.
        env=environment(sink.endpoint, OTEL_BSP_SCHEDULE_DELAY="20", OTEL_METRIC_EXPORT_INTERVAL="50"),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert re.findall(r"^bad (\d+)$", done.stderr, re.MULTILINE) == ["0"], done.stderr[-2000:]
    assert "otelmon_internal_error" not in done.stderr, done.stderr[-2000:]
    told = done.stdout.split()
    assert len(told) == len(set(told)) == forks
    arrived = [span.span_id.hex() for span in sink.spans()]
    assert len(arrived) == len(set(arrived))
    assert set(told) - set(arrived) == set(), done.stderr[-2000:]
    # Half of the children exit within a span of their parent, which is the parent's to send.
    assert sum(span.name == "child" for span in sink.spans()) == forks


def test_a_few_forks(sink: OtlpSink) -> None:
    """Forty forks, for every run of the tests."""
    fork(sink, 40, 120)


@pytest.mark.suites
@pytest.mark.timeout(900)
def test_a_thousand_forks(sink: OtlpSink) -> None:
    """A thousand."""
    fork(sink, 1_000, 800)
