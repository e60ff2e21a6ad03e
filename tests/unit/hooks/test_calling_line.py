"""The application's own line is found behind any depth of libraries."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest

from otelmon import guard
from otelmon.hooks import calling_line as module
from otelmon.hooks.calling_line import MOST_FRAMES, CallingLine, calling_line, is_application


def test_own_line_is_found_behind_a_library() -> None:
    """Frames of the standard library and of otelmon are passed over."""
    found: list[CallingLine | None] = []
    frame = inspect.currentframe()
    assert frame is not None
    line = frame.f_lineno + 1
    json.loads("{}", object_hook=lambda _: found.append(guard.call(guard.site("test"), calling_line)))
    assert found[0] is not None
    assert found[0].file_path == __file__
    assert found[0].line_number == line
    assert found[0].function_name.endswith("<lambda>")


@pytest.mark.parametrize(
    ("path", "own"),
    [
        pytest.param(__file__, True, id="test"),
        pytest.param("app.py", True, id="relative"),
        pytest.param(json.__file__, False, id="standard library"),
        pytest.param(pytest.__file__, False, id="installed package"),
        pytest.param(module.__file__, False, id="otelmon"),
        pytest.param("<string>", False, id="no file"),
    ],
)
def test_application_file(path: str, own: bool) -> None:
    """Files of the application are neither installed nor ours."""
    assert is_application(path) is own


def test_only_libraries_on_the_stack_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no line of the application is on the stack there is no answer."""
    monkeypatch.setattr(module, "is_application", lambda _: False)
    monkeypatch.setattr(module, "_is_application", {})
    assert calling_line() is None


def test_application_too_far_away_is_none() -> None:
    """The walk ends after a bounded number of frames."""
    namespace: dict[str, object] = {"calling_line": calling_line}
    program = f"""
def down(depth):
    return down(depth - 1) if depth else calling_line()
near, far = down(10), down({MOST_FRAMES})
"""
    exec(compile(program, "<string>", "exec"), namespace)  # noqa: S102 - frames of no file
    assert namespace["near"] is not None
    assert namespace["far"] is None


def test_memory_of_lines_is_bounded_and_each_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same place is found again, another line of the same function is another; old ones are let go."""
    monkeypatch.setattr(module, "_MOST_LINES", 2)
    program = "def ask():\n    first = calling_line()\n    return first, calling_line()\n"
    for number in range(5):
        namespace: dict[str, object] = {"calling_line": calling_line}
        exec(compile(program, f"app{number}.py", "exec"), namespace)  # noqa: S102 - files that are not there
        ask = namespace["ask"]
        assert callable(ask)
        for _ in range(2):
            assert [(line.file_path, line.line_number) for line in ask()] == [
                (f"app{number}.py", 2),
                (f"app{number}.py", 3),
            ]
    assert len(module._lines) <= 2


def test_memory_of_files_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """More files than any program has are judged but not remembered."""
    monkeypatch.setattr(module, "_MOST_FILES", 0)
    path = str(Path("never") / "seen.py")
    assert is_application(path)
    assert path not in module._is_application
