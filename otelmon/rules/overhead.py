"""How much is left undone where otelmon itself costs more than it may, and when it is taken up again."""

from __future__ import annotations

from dataclasses import dataclass, replace

# In this order. Never counts, durations, slow or failed calls.
ORDER = ("plans", "stacks", "digests", "spans")
# Below this share of the limit a look is calm. What is taken up again costs as much as it did before.
CALM_BELOW = 0.7
# Calm looks before a step is taken back; twice as many each time that it had been too early.
FIRST_PATIENCE, MOST_PATIENCE = 3, 48


@dataclass(frozen=True, slots=True)
class Overhead:
    """Holds what a look leaves behind for the next one.

    ``shed`` is how many of ``ORDER`` are left undone, ``calm`` the calm looks in a row, ``patience`` how many of them a
    step back needs, ``tried`` the looks since the last step back, None where there was none.
    """

    shed: int = 0
    calm: int = 0
    patience: int = FIRST_PATIENCE
    tried: int | None = None


def share_of(own_ns: int, process_ns: int, wall_ns: int, least_busy: float) -> float | None:
    """Returns otelmon's share of the CPU time of the process, None while the process does too little to judge by.

    Args:
        own_ns: what otelmon used.
        process_ns: what the whole process used.
        wall_ns: the time that this took.
        least_busy: cores that a process must use; of nearly nothing any share is large.
    """
    if process_ns <= 0 or process_ns < least_busy * wall_ns:
        return None
    return min(own_ns / process_ns, 1.0)


def next_overhead(state: Overhead, share: float | None, limit: float) -> Overhead:
    """Returns the state after one more look; one step at most.

    Args:
        state: after the last look.
        share: of the CPU time of the process since then, None where that is too little to judge by, which is calm.
        limit: the most that it may be.
    """
    tried = None if state.tried is None else state.tried + 1
    if share is not None and share > limit:
        too_early = tried is not None and tried <= state.patience
        patience = min(2 * state.patience, MOST_PATIENCE) if too_early else state.patience
        return Overhead(min(state.shed + 1, len(ORDER)), 0, patience, None)
    if share is not None and share >= CALM_BELOW * limit:
        return replace(state, calm=0, tried=tried)
    calm = state.calm + 1
    if calm < state.patience:
        return replace(state, calm=calm, tried=tried)
    if state.shed:
        return Overhead(state.shed - 1, 0, state.patience, 0)
    return Overhead(0, min(calm, MOST_PATIENCE), FIRST_PATIENCE if calm >= MOST_PATIENCE else state.patience, tried)
