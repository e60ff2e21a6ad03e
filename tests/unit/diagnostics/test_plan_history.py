"""How often a statement is planned, and when its plan has changed."""

from __future__ import annotations

from otelmon.diagnostics import plan_history
from otelmon.diagnostics.links import parameters_of
from otelmon.diagnostics.plan_history import PlanHistory

KEY = (1, "f")


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_budget_of_a_statement() -> None:
    """A few plans at once, then one every ten seconds; statements do not share."""
    clock = _Clock()
    history = PlanHistory(clock)
    assert [history.may_plan(KEY) for _ in range(6)] == [True] * 4 + [False] * 2
    assert history.may_plan((1, "other"))
    clock.now = 10.0
    assert [history.may_plan(KEY) for _ in range(2)] == [True, False]
    clock.now = 1000.0
    assert sum(history.may_plan(KEY) for _ in range(9)) == 4


def test_changed_plan() -> None:
    """The first plan is no change, a new one is, and one that was known before is none."""
    history = PlanHistory()
    assert history.changed_from(KEY, "a") is None
    history.may_plan(KEY)
    assert [history.changed_from(KEY, each) for each in "aabab"] == [None, None, "a", None, None]
    assert history.changed_from(KEY, "c") == "b"


def test_statements_and_plans_are_bounded() -> None:
    """The oldest goes."""
    history = PlanHistory()
    for number in range(plan_history.MOST_STATEMENTS + 10):
        history.may_plan((1, str(number)))
    assert history.changed_from((1, "0"), "a") is None
    history.may_plan(KEY)
    plans = [str(number) for number in range(plan_history.MOST_PLANS + 1)]
    changes = [history.changed_from(KEY, each) for each in [*plans, "0"]]
    assert changes[-1] == plans[-1]


def test_parameters_of_the_connection() -> None:
    """They are the application's save for those that are ours, and for addresses of several hosts."""
    known = {"host": "a", "password": "p", "application_name": "shop", "replication": "database", "hostaddr": "1,2"}
    made = parameters_of(known)
    assert (made["host"], made["password"], made["application_name"]) == ("a", "p", "otelmon diagnostics")
    assert not {"replication", "hostaddr"} & set(made)
    assert parameters_of({"hostaddr": "127.0.0.1"})["hostaddr"] == "127.0.0.1"
