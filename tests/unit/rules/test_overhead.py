"""What is left undone above the limit, in which order, and when it is taken up again."""

from __future__ import annotations

import pytest

from otelmon.rules.overhead import CALM_BELOW, FIRST_PATIENCE, MOST_PATIENCE, ORDER, Overhead, next_overhead, share_of

LIMIT = 0.01
HIGH, MIDDLE, LOW = 0.02, LIMIT * (CALM_BELOW + 0.1), 0.001


def after(*shares: float | None, state=None):
    """Returns the state after looks with these shares."""
    state = state or Overhead()
    for share in shares:
        state = next_overhead(state, share, LIMIT)
    return state


def test_sheds_one_step_a_look_until_everything_is_shed() -> None:
    """Plans go first and spans last; then there is nothing more to leave undone."""
    assert ORDER == ("plans", "stacks", "digests", "spans")
    assert [after(*[HIGH] * looks).shed for looks in range(7)] == [0, 1, 2, 3, 4, 4, 4]


def test_takes_one_step_back_after_calm_looks() -> None:
    """Three calm looks take back one step, three more the next."""
    shed = after(HIGH, HIGH)
    calm = [after(*[LOW] * looks, state=shed).shed for looks in range(8)]
    assert calm == [2, 2, 2, 1, 1, 1, 0, 0]


def test_between_calm_and_limit_nothing_changes() -> None:
    """What is below the limit but not well below it begins the calm anew."""
    assert after(HIGH, LOW, LOW, MIDDLE, LOW, LOW).shed == 1
    assert after(HIGH, *[MIDDLE] * 100).shed == 1


def test_exactly_the_limit_is_not_above_it() -> None:
    """The limit is the largest share that may be."""
    assert after(LIMIT).shed == 0


def test_too_early_a_step_back_doubles_the_patience() -> None:
    """A process that is over its limit again at once waits twice as long each time, up to four minutes."""
    state, waited = after(HIGH), []
    for _ in range(6):
        looks = 0
        while state.shed:
            state, looks = next_overhead(state, LOW, LIMIT), looks + 1
        waited.append(looks)
        state = next_overhead(state, HIGH, LIMIT)
    assert waited == [FIRST_PATIENCE, 6, 12, 24, MOST_PATIENCE, MOST_PATIENCE]


def test_long_calm_makes_patience_short_again() -> None:
    """Where nothing has been shed for long, the next time begins as the first did."""
    state = after(*[LOW] * MOST_PATIENCE, state=Overhead(0, 0, 24, 0))
    assert state.patience == FIRST_PATIENCE


def test_unknown_is_calm() -> None:
    """A process that does nearly nothing cannot be judged, and takes up what it had left undone."""
    assert after(HIGH, None, None, None).shed == 0


@pytest.mark.parametrize(
    ("own", "process", "wall", "share"),
    [(10, 1000, 10_000, 0.01), (10, 400, 10_000, None), (0, 0, 0, None), (900, 500, 1000, 1.0)],
)
def test_share_is_of_the_process_where_it_is_busy(own, process, wall, share) -> None:
    """Below so much of a core there is no share; an estimate above the whole is the whole."""
    assert share_of(own, process, wall, 0.05) == share
