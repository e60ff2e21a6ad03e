"""Whether connection pools have connections to give, and who holds them."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from otelmon.health.check import Check, judged, unseen
from otelmon.rules.code_lines import function_name, line_of

if TYPE_CHECKING:
    from otelmon.records import Checkout, PoolState
    from otelmon.registry import HookRegistry

MOST_HOLDERS = 5
MOST_POOLS = 50
_NS = 1e9


class Pools:
    """Looks at the pools of a registry."""

    def __init__(self, registry: HookRegistry) -> None:
        self._registry = registry

    def look(self, now_ns: int) -> Check:
        """Returns every pool with its oldest holders; ``now_ns`` is the monotonic clock."""
        states = self._registry.pools()
        if not states:
            return unseen("no pool was seen yet")
        connections = self._registry.connections
        held, timeouts = connections.held(), connections.timeouts()
        leaked: dict[str, int] = {}
        for (name, _), count in connections.leaked().items():
            leaked[name] = leaked.get(name, 0) + count
        exhausted = {name for name in connections.exhausted_now() if name in states and not _has_room(states[name])}
        pools = {
            name: {
                **_figures(state),
                "timeouts": timeouts.get(name),
                "leaked": leaked.get(name),
                "exhausted": name in exhausted,
                "holders": _holders([each for each in held if each.pool_name == name], now_ns),
            }
            for name, state in sorted(states.items())[:MOST_POOLS]
        }
        reasons = [f"pool {name} is exhausted" for name in sorted(exhausted)]
        return judged(reasons, {"pools": pools})


def _has_room(state: PoolState) -> bool:
    """Tells whether a pool could serve somebody now: the last who asked in vain may have been the last to ask."""
    return state.used is not None and state.max is not None and state.used < state.max


def _figures(state: PoolState) -> dict[str, int | None]:
    return {"idle": state.idle, "used": state.used, "max": state.max, "min": state.min, "waiting": state.pending}


def _holders(held: list[Checkout], now_ns: int) -> list[dict[str, object]]:
    oldest = heapq.nsmallest(MOST_HOLDERS, held, key=lambda each: each.since_ns)
    return [{"seconds": round(max(0, now_ns - each.since_ns) / _NS, 3), "line": _line(each)} for each in oldest]


def _line(checkout: Checkout) -> str | None:
    """Returns function, file and line that took the connection; the file without its folders."""
    if not checkout.stack:
        return None
    code, instruction = checkout.stack[0]
    return f"{function_name(code)} {code.co_filename.rpartition('/')[2]}:{line_of(code, instruction)}"
