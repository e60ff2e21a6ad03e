"""Keeps only those figures of a reader that can be true; anything else is unknown."""

from __future__ import annotations

from dataclasses import fields

from otelmon.records import CacheState, PoolState

# OTLP carries integers as signed 64 bit numbers.
LARGEST = 2**63 - 1
_CACHE_FIGURES = tuple(field.name for field in fields(CacheState))


def known(value: object) -> int | None:
    """Returns a count between 0 and the largest that can be sent, else None; a truth value is no count."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST:
        return int(value)
    return None


def known_pool_state(state: PoolState) -> PoolState:
    """Returns a pool's state with every impossible figure unknown.

    Raises:
        TypeError: the reader returned something else than a ``PoolState``.
    """
    if not isinstance(state, PoolState):
        raise TypeError(f"a pool reader returns PoolState, not {type(state).__name__}")
    return PoolState(known(state.idle), known(state.used), known(state.max), known(state.min), known(state.pending))


def known_cache_state(state: CacheState) -> CacheState:
    """Returns a cache's state with every impossible figure unknown.

    Raises:
        TypeError: the reader returned something else than a ``CacheState``.
    """
    if not isinstance(state, CacheState):
        raise TypeError(f"a cache reader returns CacheState, not {type(state).__name__}")
    return CacheState(*(known(getattr(state, name)) for name in _CACHE_FIGURES))
