"""A process that comes to its end by itself says so with its last figures; one that fails, or has forked, does not."""

from __future__ import annotations

import pytest

FORKS = """
import os
child = os.fork()
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
"""


@pytest.mark.parametrize(
    ("program", "code", "told"),
    [
        pytest.param("pass", 0, True, id="done"),
        pytest.param("import sys; sys.exit(3)", 3, True, id="done, with a code of its own"),
        pytest.param("raise RuntimeError('planted')", 1, False, id="an error that nobody caught"),
        pytest.param("raise KeyboardInterrupt", -2, False, id="Ctrl-C"),
        pytest.param(FORKS, 0, False, id="a server with workers"),
    ],
)
def test_the_end_is_told_by_jobs_alone(run, program: str, code: int, told: bool) -> None:
    """Whatever the end, the heartbeat was there before: silence afterwards is judged by what is told here."""
    done = run("-c", program)
    assert done.code == code, done.stderr
    metrics = done.sink.metrics()
    assert "otelmon.heartbeat" in metrics
    assert ("otelmon.ended" in metrics) == told
