"""Notes where a connection was taken, for a fraction of what a formatted stack costs."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from otelmon.hooks.calling_line import MOST_FRAMES, is_application

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from otelmon.records import Stack

MOST_PAIRS = 8
# How many frames are looked at: none while stacks are shed.
_frames = MOST_FRAMES
_not_looked_for: Callable[[], None] | None = None
# Asked for every frame of every checkout: a call of C instead of one of Python.
_is_application = functools.lru_cache(maxsize=10_000)(is_application)


def look_for_stacks(instead: Callable[[], None] | None) -> None:
    """Looks for stacks from now on, or calls something else instead, at every checkout."""
    global _frames, _not_looked_for
    _frames, _not_looked_for = (MOST_FRAMES if instead is None else 0), instead


def acquiring_stack(frame: FrameType | None) -> Stack:
    """Returns code and instruction of the innermost line of the application and of its callers, eight at most.

    Args:
        frame: where the search begins; none of the frames is kept.
    """
    for _ in range(_frames):
        if frame is None:
            return ()
        code = frame.f_code
        if _is_application(code.co_filename):
            break
        frame = frame.f_back
    else:
        if _not_looked_for is not None:
            _not_looked_for()
        return ()
    pairs = [(code, frame.f_lasti)]
    for _ in range(MOST_PAIRS - 1):
        frame = frame.f_back
        if frame is None:
            break
        pairs.append((frame.f_code, frame.f_lasti))
    return tuple(pairs)
