"""Finds the line of the application that called into a library."""

from __future__ import annotations

import operator
import site
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from otelmon.rules.application_code import is_application_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

# Deep enough for a web framework and an ORM between the application and the driver.
MOST_FRAMES = 60
_MOST_FILES = 10_000
_MOST_LINES = 2000

_LIBRARY_FOLDERS = {
    *(sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")),
    *site.getsitepackages(),
    site.getusersitepackages(),
    str(Path(__file__).resolve().parents[1]),  # otelmon itself
}
LIBRARY_PREFIXES = tuple(sorted(folder.rstrip("/") + "/" for folder in _LIBRARY_FOLDERS))
_is_application: dict[str, bool] = {}
# Qualified from Python 3.11 on.
_name: Callable[[CodeType], str] = operator.attrgetter("co_qualname" if sys.version_info >= (3, 11) else "co_name")


class CallingLine(NamedTuple):
    """Holds a function, its file and the line in it."""

    function_name: str
    file_path: str
    line_number: int


# By code and place in it, for Python counts lines anew each time; the code is held, so that its id stays its own.
_lines: dict[tuple[int, int], tuple[CallingLine, CodeType]] = {}


def is_application(path: str) -> bool:
    """Tells whether a file is the application's: neither the standard library's, an installed package's nor ours."""
    known = _is_application.get(path)
    if known is None:
        known = is_application_file(path, LIBRARY_PREFIXES)
        if len(_is_application) < _MOST_FILES:
            _is_application[path] = known
    return known


def calling_line(further_out: int = 0) -> CallingLine | None:
    """Returns the innermost line of the application on the stack, or None when there is none near.

    Frames are walked one by one, for a formatted stack costs ten times more.

    Args:
        further_out: how many of the innermost frames the caller knows not to be the application's, which costs least.
    """
    return _innermost(sys._getframe(1 + further_out))  # noqa: SLF001 - inspect has no way to begin further out


def line_of_thread(thread_id: int) -> CallingLine | None:
    """Returns the innermost line of the application that a running thread is in, or None when it has ended."""
    # Documented for debuggers of threads that hang, which is what a slow call does.
    return _innermost(sys._current_frames().get(thread_id))  # noqa: SLF001 - it has no public name


def _innermost(frame: FrameType | None) -> CallingLine | None:
    known = _is_application
    for _ in range(MOST_FRAMES):
        if frame is None:
            return None
        code = frame.f_code
        # Asked here first, for a call costs more than all else that is done for a frame.
        its_own = known.get(code.co_filename)
        if its_own or (its_own is None and is_application(code.co_filename)):
            found = _lines.get((id(code), frame.f_lasti))
            return found[0] if found is not None else _looked_up(code, frame)
        frame = frame.f_back
    return None


def _looked_up(code: CodeType, frame: FrameType) -> CallingLine:
    line = CallingLine(_name(code), code.co_filename, frame.f_lineno)
    if len(_lines) >= _MOST_LINES:
        _lines.clear()
    _lines[id(code), frame.f_lasti] = line, code
    return line
