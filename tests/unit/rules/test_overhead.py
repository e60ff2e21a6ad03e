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
    assert waited == [3, 6, 12, 24, 48, 48]


def test_long_calm_makes_patience_short_again() -> None:
    """Where nothing has been shed for long, the next time begins as the first did."""
    state = after(*[LOW] * MOST_PATIENCE, state=Overhead(0, 0, 24, 0))
    assert state.patience == FIRST_PATIENCE


def test_unknown_is_calm() -> None:
    """A process that does nearly nothing cannot be judged, and takes up what it had left undone."""
    assert after(HIGH, None, None, None).shed == 0


@pytest.mark.parametrize(
    ("own", "process", "wall", "share"),
    [
        (10, 1000, 10_000, 0.01),
        (10, 400, 10_000, None),
        (10, 500, 10_000, 0.02),
        (1, 1, 10, 1.0),
        (0, 0, 0, None),
        (900, 500, 1000, 1.0),
    ],
)
def test_share_is_of_the_process_where_it_is_busy(own, process, wall, share) -> None:
    """Below so much of a core there is no share; an estimate above the whole is the whole."""
    assert share_of(own, process, wall, 0.05) == share


@pytest.mark.parametrize(
    ("state", "share", "expected"),
    [
        pytest.param(Overhead(1, 2, 3, 5), 0.7, Overhead(1, 0, 3, 6), id="not calm from seven tenths on"),
        pytest.param(Overhead(1, 1, 3, 5), 0.65, Overhead(1, 2, 3, 6), id="calm below"),
        pytest.param(Overhead(1, 2, 3, 5), 0.75, Overhead(1, 0, 3, 6), id="not calm"),
        pytest.param(Overhead(2, 2, 3, None), 0.1, Overhead(1, 0, 3, 0), id="third calm look takes a step back"),
        pytest.param(Overhead(0, 0, 3, 2), 1.1, Overhead(1, 0, 6, None), id="three looks after it is too early"),
        pytest.param(Overhead(0, 0, 3, 3), 1.1, Overhead(1, 0, 3, None), id="four looks are not"),
        pytest.param(Overhead(0, 5, 6, 0), 0.1, Overhead(0, 6, 6, 1), id="calm goes on"),
        pytest.param(Overhead(0, 46, 24, 0), 0.1, Overhead(0, 47, 24, 1), id="calm for long"),
        pytest.param(Overhead(0, 47, 24, 0), 0.1, Overhead(0, 48, 3, 1), id="calm for so long that patience is short"),
        pytest.param(Overhead(0, 48, 3, 1), 0.1, Overhead(0, 48, 3, 2), id="calm is counted up to that"),
        pytest.param(Overhead(0, 0, 36, 0), 1.1, Overhead(1, 0, 48, None), id="most patience"),
    ],
)
def test_one_look(state, share: float, expected) -> None:
    """What one look leaves behind, on both sides of each limit; the limit is the whole of the CPU here."""
    assert next_overhead(state, share, 1.0) == expected
    assert Overhead() == Overhead(0, 0, 3, None)
