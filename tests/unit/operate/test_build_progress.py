"""What a person sees while a program is built."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from otelmon.operate.cli import build_progress
from otelmon.operate.cli.build_progress import building


def console(*, terminal: bool) -> Console:
    """Returns a console that writes into memory."""
    return Console(file=io.StringIO(), force_terminal=terminal, width=120, color_system=None)


def text(shown: Console) -> str:
    """Returns everything that was written."""
    assert isinstance(shown.file, io.StringIO)
    return shown.file.getvalue()


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "log"])
def test_a_cached_program_shows_nothing(terminal: bool) -> None:
    """Nothing to build, nothing to say."""
    shown = console(terminal=terminal)
    with building("collector", shown):
        pass
    assert text(shown) == ""


def test_a_terminal_sees_a_live_count() -> None:
    """Modules and packages are counted as they come, and the end tells the time."""
    shown = console(terminal=True)
    with building("collector", shown) as progress:
        progress.step("go: downloading example.com/m v1.0.0")
        progress.step("example.com/m")
        progress.step("example.com/n")
    assert "building collector: 1 modules downloaded, 2 packages compiled" in text(shown)
    assert "collector: 0 s" in text(shown)


def test_a_log_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal the first line comes at once and the next after twenty seconds."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    shown = console(terminal=False)
    with building("collector", shown) as progress:
        for _ in range(3):
            progress.step("example.com/m")
        now[0] += build_progress.SECONDS_BETWEEN_LINES
        progress.step("example.com/n")
        now[0] += 1
        progress.step("example.com/o")
    assert text(shown).splitlines() == [
        "building collector: 0 modules downloaded, 1 packages compiled after 0 s",
        "building collector: 0 modules downloaded, 4 packages compiled after 20 s",
        "collector: 21 s",
    ]
