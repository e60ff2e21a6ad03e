"""The stack of a checkout: the application's line and its callers, as code and instruction."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path
from types import FunctionType

import pytest

from otelmon.hooks.acquiring_stack import MOST_PAIRS, acquiring_stack
from otelmon.hooks.calling_line import MOST_FRAMES
from otelmon.rules.code_lines import line_of

LIBRARY = str(Path(sysconfig.get_path("purelib")) / "library.py")


def deep(levels: int):
    """Returns the stack from so many calls below."""
    return deep(levels - 1) if levels else acquiring_stack(sys._getframe())


def in_a_library(levels: int):
    """Returns what the search finds from so many frames of a library below."""

    def search(left: int):
        return call(left - 1) if left else acquiring_stack(sys._getframe())

    # The very same code, as if it stood in an installed package.
    call = FunctionType(search.__code__.replace(co_filename=LIBRARY), globals(), "search", None, search.__closure__)
    return call(levels - 1)


def test_eight_pairs_at_most_from_the_innermost_outwards() -> None:
    """The first pair is the line that asked, and no frame is among them."""
    stack = deep(20)
    assert len(stack) == MOST_PAIRS
    assert {code for code, _ in stack} == {deep.__code__}
    assert line_of(*stack[0]) == deep.__code__.co_firstlineno + 2


@pytest.mark.parametrize(("levels", "found"), [(MOST_FRAMES - 1, True), (MOST_FRAMES, False)])
def test_frames_of_libraries_are_passed_over_within_reason(levels: int, found: bool) -> None:
    """A library between the application and the pool is not the one that asked; a very deep one hides it."""
    stack = in_a_library(levels)
    assert bool(stack) is found
    assert all(code.co_filename == __file__ for code, _ in stack[:1])


def test_outside_of_every_frame_there_is_nothing() -> None:
    """A checkout by nobody has no stack."""
    assert acquiring_stack(None) == ()
