"""Reports pools that had no connection to give, with those who held them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from otelmon.signals import POOL_NAME
from otelmon.watch.checkout_facts import Attributes, calling_line, code_attributes, ids_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from otelmon.records import Exhaustion, Holder
    from otelmon.watch.checkout_facts import Emit

EXHAUSTED = "otelmon.pool.exhausted"
# A pool that is too small is exhausted many times a second; its events must not become a load of their own.
MOST_EVENTS = 10
PERIOD_NS = 60_000_000_000
_OLDEST = "otelmon.db.pool.oldest_holder"


class ExhaustionReports:
    """Emits one event per episode, at most ten a minute and pool; what is left out is counted in the next event."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._emitted: dict[str, deque[int]] = {}
        self._left_out: dict[str, int] = {}

    def report(self, episodes: Iterable[Exhaustion], now_ns: int) -> None:
        """Reports episodes in the traces of the first requests that were refused or waited.

        Args:
            episodes: not reported before.
            now_ns: the monotonic clock.
        """
        self._forget_before(now_ns - PERIOD_NS)
        for episode in episodes:
            name = episode.asked.pool_name
            emitted = self._emitted.setdefault(name, deque())
            if len(emitted) >= MOST_EVENTS:
                self._left_out[name] = self._left_out.get(name, 0) + 1
                continue
            emitted.append(now_ns)
            attributes = exhaustion_attributes(episode, self._left_out.pop(name, 0))
            self._emit(EXHAUSTED, attributes, **ids_of(episode.asked))

    def _forget_before(self, oldest_ns: int) -> None:
        for emitted in self._emitted.values():
            while emitted and emitted[0] <= oldest_ns:
                emitted.popleft()
        self._emitted = {name: emitted for name, emitted in self._emitted.items() if emitted}


def exhaustion_attributes(episode: Exhaustion, left_out: int) -> Attributes:
    """Returns the facts of one episode as scalars: who asked, how many in vain, and who held the connections.

    Args:
        episode: one pool without a connection to give.
        left_out: earlier episodes of this pool that had no event of their own.
    """
    known: dict[str, str | int | float | None] = {
        POOL_NAME: episode.asked.pool_name,
        "otelmon.db.pool.max": episode.state.max,
        "otelmon.db.pool.holders": episode.state.used,
        "otelmon.db.pool.refused": episode.refused,
        "otelmon.db.pool.waiting": episode.waiting,
        "otelmon.db.pool.episodes_left_out": left_out or None,
        "otelmon.db.pool.other_holders": "; ".join(map(_in_short, episode.holders[1:])) or None,
    }
    oldest = _oldest(episode.holders[0]) if episode.holders else {}
    return {
        **{name: value for name, value in known.items() if value is not None},
        **oldest,
        **code_attributes(episode.asked),
    }


def _oldest(holder: Holder) -> Attributes:
    """Returns the one who has held a connection for longest, in attributes that can be searched one by one."""
    ids, line = ids_of(holder.checkout), calling_line(holder.checkout)
    traced = bool(ids["trace_id"])
    known: dict[str, str | int | float | None] = {
        f"{_OLDEST}.trace_id": f"{ids['trace_id']:032x}" if traced else None,
        f"{_OLDEST}.span_id": f"{ids['span_id']:016x}" if traced else None,
        f"{_OLDEST}.held": holder.held_ns / 1e9,
        f"{_OLDEST}.state": holder.use,
        f"{_OLDEST}.function": line and line[0],
        f"{_OLDEST}.file": line and line[1],
        f"{_OLDEST}.line": line and line[2],
    }
    return {name: value for name, value in known.items() if value is not None}


def _in_short(holder: Holder) -> str:
    """Returns one of the other holders as ``state seconds trace function file:line``; ``-`` for what is not known."""
    trace_id, line = ids_of(holder.checkout)["trace_id"], calling_line(holder.checkout)
    where = "- -" if line is None else f"{line[0]} {line[1]}:{line[2]}"
    return f"{holder.use or '-'} {holder.held_ns / 1e9:.3f}s {f'{trace_id:032x}' if trace_id else '-'} {where}"
