"""Notes what the cache of a session answered, until the request that asked it is over."""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import Any, NamedTuple


class Note(NamedTuple):
    """Holds what the cache answered, at which time of the performance counter, and what was noted before.

    A fresh answer where nothing else is noted is the same note for all, which costs next to nothing; others are
    chained, for a redirect is sent within the request that it follows.
    """

    at_ns: int
    key: str
    found: bool
    fresh: bool
    before: Note | None
    depth: int


FRESH = Note(0, "", found=True, fresh=True, before=None, depth=0)
# Somebody may ask the cache without sending anything.
DEEPEST = 4
noted: ContextVar[Note | None] = ContextVar("otelmon_requests_cache_noted", default=None)


def note_answer(key: str, response: Any) -> None:  # noqa: ANN401 - the library's own answer, or None
    """Notes one answer of the cache; None where it had none."""
    before = noted.get()
    fresh = response is not None and not response.is_expired
    if fresh and before is None:
        noted.set(FRESH)
        return
    if before is FRESH:
        # A second look within one request, by what the answer varies by, or one that nothing was sent for.
        before = None
    depth = 0 if before is None else before.depth + 1
    kept = before if depth <= DEEPEST else None
    now = time.perf_counter_ns()
    noted.set(Note(now, key, response is not None, fresh, kept, depth if kept else 0))


def taken(began: int) -> Note | None:
    """Takes what was noted since a request began, as one note: its first missing key, anything found, the last answer.

    None where the library has not asked its cache.
    """
    note = noted.get()
    if note is FRESH:
        noted.set(None)
        return note
    asked = None
    while note is not None and note.at_ns >= began:
        if asked is None:
            asked = note
        else:
            key = note.key if not note.found or not asked.key else asked.key
            asked = asked._replace(found=asked.found or note.found, key=key)
        note = note.before
    noted.set(note)
    return asked
