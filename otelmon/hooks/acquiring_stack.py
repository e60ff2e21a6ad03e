"""Notes where a connection was taken, for a fraction of what a formatted stack costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.hooks.calling_line import MOST_FRAMES, is_application

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from otelmon.records import Stack

MOST_PAIRS = 8


def acquiring_stack(frame: FrameType | None) -> Stack:
    """Returns code and instruction of the innermost line of the application and of its callers, eight at most.

    Args:
        frame: where the search begins; none of the frames is kept.
    """
    for _ in range(MOST_FRAMES):
        if frame is None:
            return ()
        if is_application(frame.f_code.co_filename):
            return _outwards(frame)
        frame = frame.f_back
    return ()


def _outwards(frame: FrameType | None) -> Stack:
    pairs: list[tuple[CodeType, int]] = []
    while frame is not None and len(pairs) < MOST_PAIRS:
        pairs.append((frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return tuple(pairs)
