"""A program that is told to end stops its parts first."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 60
PROGRAM = """
import subprocess, sys, time
from demo.parts.told_to_end import unwind_when_told_to_end

unwind_when_told_to_end()
part = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
try:
    print(part.pid, flush=True)
    time.sleep(600)
finally:
    part.kill()
    print("stopped with", part.wait(), flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_parts_end_before_the_program(number: signal.Signals) -> None:
    """Told to end it stops what it started, and its code says which signal that was."""
    program = subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert int(program.stdout.readline()) > 0
        program.send_signal(number)
        said, _ = program.communicate(timeout=SECONDS)
    finally:
        program.kill()
    assert said == f"stopped with {-signal.SIGKILL}\n"
    assert program.returncode == 128 + number
