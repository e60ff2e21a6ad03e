"""The book of the GitHub API: budgets, levels, forecasts, secondary limits, savings, clocks, and their bounds."""

from __future__ import annotations

import random
import sys
import threading
import tracemalloc
from email.utils import formatdate

import pytest

from otelmon.records import Budget, GitHubAnswer, GitHubCall, RateLimit, SecondaryUse
from otelmon.registry.github import GitHubBook
from otelmon.registry.github.amounts import Amounts
from otelmon.registry.github.budgets import Budgets
from otelmon.registry.github.etags import Etags
from otelmon.registry.github.owners import Owners
from otelmon.registry.github.secondary import Secondary
from otelmon.registry.github.server_clock import ServerClock
from otelmon.registry.github.sliding_sum import SlidingSum

NOW = 1_800_000_000.0
RESET = int(NOW) + 3600
CALL = GitHubCall("o", "/user", credential="o", began_ns=0)


class World:
    """A book on clocks that a test moves, with what it has reported and what had no place."""

    def __init__(self, limit: int = 2000) -> None:
        self.seconds = 0.0
        self.wrong = 0.0
        self.lows: list[Budget] = []
        self.nears: list[SecondaryUse] = []
        self.overflow: list[str] = []
        self.book = GitHubBook(
            limit,
            lambda name: lambda: self.overflow.append(name),
            lambda: NOW + self.seconds + self.wrong,
            lambda: self.seconds,
        )
        self.book.report_to(lambda *_, **__: None, self.lows.append, self.nears.append)

    def answer(self, used: int | None = 1, limit: int = 100, **changes: object) -> None:
        """Lets GitHub answer."""
        call = changes.pop("call", CALL)._replace(began_ns=int(self.seconds * 1e9))
        reset, status = changes.pop("reset", RESET), changes.pop("status", 200)
        remaining = None if used is None else limit - used
        limits = RateLimit(limit, remaining, used, reset, changes.pop("resource", "core"))
        self.book.sent(call)
        self.book.answered(call, GitHubAnswer(status, limits, **changes))


@pytest.fixture
def world() -> World:
    """Returns a world at its beginning."""
    return World()


def test_late_answer_does_not_lower_the_budget(world: World) -> None:
    """Within one window ``used`` only grows, in whatever order answers come."""
    for used in (3, 7, 5):
        world.answer(used)
    (budget,) = world.book.budgets()
    assert (budget.owner, budget.limit, budget.remaining, budget.used, budget.reset) == ("o", 100, 93, 7, RESET)


def test_concurrent_answers_keep_the_highest_use(world: World) -> None:
    """Many threads that answer at once leave the highest ``used`` behind, and every answer counted."""
    threads = [threading.Thread(target=lambda n=n: [world.answer(u) for u in range(n, 90, 4)]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.book.budgets()[0].used == 89
    assert world.book.requests() == {("core", "/user"): 90}


def test_ended_window_is_absent(world: World) -> None:
    """A budget whose window has ended says nothing any more, and its age is shown until then."""
    world.answer()
    world.seconds = 3599
    (budget,) = world.book.budgets()
    assert (budget.reset_in, budget.age) == (1, 3599)
    world.seconds = 3601
    assert world.book.budgets() == ()


def test_answer_without_figures_is_counted_only(world: World) -> None:
    """A bad gateway without rate-limit headers makes no budget; its resource and its cost are unknown."""
    world.book.answered(CALL, GitHubAnswer(502, RateLimit()))
    assert world.book.budgets() == ()
    assert world.book.requests() == {(None, "/user"): 1}
    assert world.book.points() == {}


def test_each_level_is_reported_once_a_window(world: World) -> None:
    """Use that swings around a level notifies once; the next window notifies anew."""
    for used in (79, 80, 79, 81, 80, 95, 94, 96, 100):
        world.answer(used)
    assert [(low.level, low.used) for low in world.lows] == [("warning", 80), ("critical", 95)]
    world.seconds = 3700
    for used in (1, 80, 79, 80):
        world.answer(used, reset=RESET + 3700)
    assert [(low.level, low.reset) for low in world.lows[2:]] == [("warning", RESET + 3700)]


def test_level_is_reported_by_the_first_answer_already(world: World) -> None:
    """A process that starts late in a window says at once how late it is."""
    world.answer(97)
    assert [low.level for low in world.lows] == ["critical"]


def test_nothing_left_is_critical_whatever_is_missing(world: World) -> None:
    """An answer that tells only that nothing is left is enough, once."""
    for _ in range(3):
        world.book.answered(CALL, GitHubAnswer(403, RateLimit(remaining=0, resource="core"), "primary"))
    assert [low.level for low in world.lows] == ["critical"]


def test_budget_that_will_not_last_is_foretold(world: World) -> None:
    """An even pace that spends the budget before the reset is reported once, long before 80 % are used."""
    for second in range(300):
        world.seconds = float(second)
        world.answer(second * 4, limit=5000)
        world.book.look()
    (low,) = world.lows
    assert low.level == "warning"
    assert low.used < 2500
    assert low.forecast.earliest < low.forecast.estimate < low.forecast.latest < low.reset_in


def test_budget_that_lasts_is_not_foretold(world: World) -> None:
    """A pace at which a third is left at the reset is no reason to warn; its forecast is after the reset."""
    for second in range(0, 1200, 2):
        world.seconds = float(second)
        world.answer(second, limit=5400)
        world.book.look()
    assert world.lows == []
    (budget,) = world.book.budgets()
    assert budget.forecast.estimate == pytest.approx(5400 - 1198, rel=0.1)


def test_rising_pace_is_foretold_by_its_slope(world: World) -> None:
    """A pace that grows steadily spends the rest sooner than its mean would, and the interval holds the truth."""
    for second in range(400):
        world.seconds = float(second)
        world.answer(second * second // 100, limit=5000)
    # 5,000 are used after 707 seconds.
    found = world.book.budgets()[0].forecast
    assert found.estimate == pytest.approx(707 - 399, rel=0.2)
    assert found.earliest < 707 - 399 < found.latest


def test_overtaken_answer_does_not_make_figures_younger(world: World) -> None:
    """The age counts from when the youngest answer was asked for, not from when any of them came."""
    late = CALL._replace(began_ns=0)
    world.seconds = 10.0
    world.answer(20)
    world.seconds = 15.0
    world.book.answered(late, GitHubAnswer(200, RateLimit(100, 90, 10, RESET, "core")))
    assert world.book.budgets()[0].age == 5.0


def test_expected_use_goes_on_between_answers(world: World) -> None:
    """What the pace spends since the last answer is added, up to the limit; what is known stays as it is."""
    for second in range(100):
        world.seconds = float(second)
        world.answer(second * 5, limit=1000)
    world.seconds = 109.0
    (budget,) = world.book.budgets()
    assert (budget.used, budget.expected_used) == (495, pytest.approx(540, abs=10))
    world.seconds = 900.0
    assert world.book.budgets()[0].expected_used <= 1000


def test_notes_of_use_are_bounded_and_reach_back_to_the_first(world: World) -> None:
    """An hour of answers every half second leaves a bounded history of the whole hour."""
    for half in range(7000):
        world.seconds = half / 2
        world.answer(half // 2, limit=5000)
    samples = next(iter(world.book._budgets._windows.values()))._samples
    assert (samples[0], len(samples) <= 66, samples[-2] > 3300) == (0.0, True, True)


def test_tightest_budget_of_a_resource(world: World) -> None:
    """Of several owners' budgets the one with least left is told, and nothing of a resource that nobody used."""
    for owner, used in (("a", 10), ("b", 50), ("c", 20)):
        world.answer(used, call=CALL._replace(owner=owner, credential=owner))
    found = world.book.tightest("core", 0.6)
    assert (found.owner, found.remaining, found.below_reserve) == ("b", 50, True)
    assert world.book.tightest("search", 0.6) is None


def test_silence_makes_the_forecast_longer(world: World) -> None:
    """A burst that is over is no pace."""
    for second in range(20):
        world.seconds = float(second)
        world.answer(second * 10, limit=5000)
    early = world.book.budgets()[0].forecast.estimate
    world.seconds = 1000.0
    assert world.book.budgets()[0].forecast.estimate > 10 * early


@pytest.mark.parametrize("wrong", [-600.0, 600.0])
def test_times_are_by_github_s_clock(world: World, wrong: float) -> None:
    """A machine whose clock is ten minutes wrong shows the right time until the reset, negative never."""
    world.wrong = wrong
    world.book.clock.read(formatdate(NOW, usegmt=True), 0.0)
    world.answer(reset=int(NOW) + 300)
    assert world.book.budgets()[0].reset_in == pytest.approx(300, abs=2)
    world.seconds = 305
    assert world.book.budgets() == ()


def test_clock_takes_late_dates_and_rubbish_for_what_they_are() -> None:
    """A late or cached answer does not set the clock back; what is no date changes nothing."""
    clock = ServerClock(lambda: 1000.0, lambda: 0.0)
    for date in (formatdate(5000, usegmt=True), formatdate(4000, usegmt=True), "soon", None, "x" * 65_536):
        clock.read(date, 0.0)
    assert clock.now() == 5000.0
    clock.read(formatdate(9000, usegmt=True), 700.0)
    assert clock.due_at > 700.5


def test_identity_joins_budgets(world: World) -> None:
    """A credential that turns out to be somebody's brings what it had used; an answer under way goes there too."""
    world.answer(5, call=CALL._replace(owner="token", credential="token"))
    under_way = CALL._replace(owner="token", credential="token")
    world.answer(3, call=CALL._replace(owner="who", credential=""))
    world.book.belongs("token", "who")
    world.book.belongs("token", "who")
    world.answer(6, call=under_way)
    assert [(budget.owner, budget.used) for budget in world.book.budgets()] == [("who", 6)]


def test_ten_thousand_tokens_are_kept_and_the_tightest_shown() -> None:
    """Each has its budget; the limit of labels bounds what is shown, and an exhausted one is among it."""
    world = World(limit=20)
    for number in range(10_000):
        world.answer(7, call=CALL._replace(owner=f"{number:012x}", credential=f"{number:012x}"))
    world.answer(100, call=CALL._replace(owner="empty", credential="empty"))
    shown = world.book.budgets()
    assert (len(shown), shown[0].owner) == (20, "empty")
    assert world.overflow.count("otelmon.github.rate_limit.remaining") == 9981


def test_budgets_are_bounded_and_ended_windows_make_room() -> None:
    """A full table lets budgets go whose window has ended; what has no place is counted."""
    overflow: list[int] = []
    budgets = Budgets(10, lambda: overflow.append(1), most=4)
    for number in range(6):
        budgets.merge(str(number), RateLimit(9, 8, 1, RESET, "core"), NOW, 0.0, 0.0)
    assert len(overflow) == 2
    budgets.merge("new", RateLimit(9, 8, 1, RESET + 3600, "core"), NOW + 3601, 0.0, 0.0)
    assert [budget.owner for budget in budgets.snapshot(NOW + 3601, 0.0)] == ["new"]


def test_amounts_are_bounded() -> None:
    """What comes after the limit is counted as overflow; what has a place goes on."""
    overflow: list[int] = []
    amounts: Amounts[str] = Amounts(2, lambda: overflow.append(1))
    for key in "abca":
        amounts.add(key, 2)
    assert (amounts.snapshot(), len(overflow)) == ({"a": 4, "b": 2}, 1)


def test_lines_are_bounded(world: World) -> None:
    """More than two hundred lines are counted without their name, and as overflow."""
    for number in range(300):
        world.answer(number, limit=5000, line=("f", "/app.py", number))
    assert len(world.book.line_points()) == 200
    assert sum(world.book.points().values()) == 300
    assert world.overflow == ["otelmon.github.code.requests"] * 100


def test_owners_and_etags_forget_the_oldest() -> None:
    """Both tables hold at most twice their limit."""
    owners, etags = Owners(2), Etags(2)
    for number in range(9):
        owners.learn(str(number), "who")
        etags.is_known(number, number)
    assert [owners.of(str(number)) for number in (0, 8)] == ["0", "who"]
    assert len(owners.known) <= 4
    assert len(etags._young) + len(etags._old) <= 4
    assert (etags.is_known(8, 8), etags.is_known(8, 9), etags.is_known(8, 9)) == (True, False, True)


def test_savings_are_told_from_costs(world: World) -> None:
    """304 with a credential saves a point and without one costs it; a plain GET of a known tag was avoidable."""
    plain, anonymous = CALL._replace(address=1), CALL._replace(credential="", owner="anonymous")
    world.answer(call=plain, etag=5)
    world.answer(call=plain, etag=5)
    world.answer(call=plain, etag=6)
    world.answer(status=304)
    world.answer(status=304, call=anonymous)
    world.answer(call=CALL._replace(route="/rate_limit"))
    assert world.book.points() == {("core", "/user"): 4}
    assert world.book.saved() == {("core", "/user"): 1}
    assert world.book.avoidable.snapshot() == {("core", "/user"): 1}


@pytest.mark.parametrize(
    ("rule", "call", "requests"),
    [
        pytest.param("rest_points", CALL, 720, id="900 points, 1 to read"),
        pytest.param("writes_a_minute", CALL._replace(method="POST"), 64, id="80 writes"),
        pytest.param("graphql_points", CALL._replace(method="POST", route="/graphql"), 1600, id="2,000 points"),
        pytest.param(
            "writes_a_minute", CALL._replace(method="POST", route="/graphql", is_mutation=True), 64, id="80 mutations"
        ),
        pytest.param("concurrent", CALL, 80, id="100 at a time"),
    ],
)
def test_secondary_limit_is_reported_at_80_percent(world: World, rule: str, call: GitHubCall, requests: int) -> None:
    """The rule that a kind of traffic meets first is reported once, before GitHub refuses."""
    sent = 0
    while not world.nears:
        world.book.sent(call)
        sent += 1
        if rule != "concurrent":
            world.book.failed(call)
    assert world.nears[0].rule == rule
    assert sent == requests


def test_secondary_limit_is_forgotten_after_its_time_and_reported_anew(world: World) -> None:
    """A minute later nothing is used, and another rush is another report."""
    for _ in range(2):
        for _ in range(730):
            world.book.sent(CALL._replace(began_ns=int(world.seconds * 1e9)))
            world.book.failed(CALL)
        world.book.look()
        assert world.book.uses[0].rule == "rest_points"
        world.seconds += 200
        world.book.look()
        assert [use for use in world.book.uses if use.rule == "rest_points"] == []
    assert [use.rule for use in world.nears].count("rest_points") == 2


def test_fast_pace_is_reported_early(world: World) -> None:
    """At 40 % of a limit a pace that breaks it within the minute is near; a slow one is not."""
    for number in range(400):
        world.seconds = number / 40
        world.book.sent(CALL._replace(began_ns=int(world.seconds * 1e9)))
        world.book.failed(CALL)
    world.book.look()
    assert [(use.rule, use.ratio > 0.4) for use in world.nears] == [("rest_points", True)]


def test_long_answers_count_as_processor_time(world: World) -> None:
    """Seconds of work are added up; the way, which the quickest answer has too, is left out."""
    for seconds in (0.05, 40.05, 40.05):
        call = CALL._replace(began_ns=int(world.seconds * 1e9))
        world.book.sent(call)
        world.seconds += seconds
        world.book.answered(call, GitHubAnswer(200, RateLimit()))
    (near,) = world.nears
    assert (near.rule, near.ratio) == ("cpu", pytest.approx(80 / 90, rel=0.01))
    assert Secondary(lambda: None).ended(CALL, 5.0, answered=True) is None


def test_secondary_tables_are_bounded() -> None:
    """Owners beyond the table are counted, and those of old use let go."""
    overflow: list[int] = []
    secondary = Secondary(lambda: overflow.append(1), most=3)
    for number in range(9):
        secondary.sent(CALL._replace(owner=str(number)), 0)
    assert len(secondary._owners) == secondary._kept == 3
    assert overflow
    for number in range(3):
        secondary.ended(CALL._replace(owner=str(number)), 0.0, answered=False)
    secondary.snapshot(500.0)
    assert (secondary._owners, secondary._kept) == ({}, 0)


def test_sliding_sum_is_never_too_small() -> None:
    """An amount counts until its step is out of sight, then no more."""
    total = SlidingSum(60)
    for step in range(100):
        total.add(step, 1)
    assert 60 <= total.at(99) <= 62
    assert total.recent(99, 10) == 10
    assert total.at(1000) == 0


def test_memory_stays_flat(world: World) -> None:
    """Five thousand answers more leave next to nothing behind."""
    for used in range(2000):
        world.answer(used, limit=10**6, etag=used, call=CALL._replace(address=used % 50))
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for used in range(5000):
        world.answer(used, limit=10**6, etag=used, call=CALL._replace(address=used % 50))
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 50_000 + 1000 * sys.getsizeof(0)


def test_reconciling_raises_and_measures(world: World) -> None:
    """The drift is what was not known; an ended window has none, and use is never lowered."""
    world.answer(10)
    world.book.reconcile("o", RateLimit(100, 85, 15, RESET, "core"))
    assert (world.book.budgets()[0].used, world.book.drift) == (15, {("o", "core"): 5})
    world.book.reconcile("o", RateLimit(100, 88, 12, RESET, "core"))
    assert (world.book.budgets()[0].used, world.book.drift) == (15, {("o", "core"): -3})


def test_the_short_way_of_an_answer_changes_nothing() -> None:
    """Whatever answers come, a window is the same whether plain growth goes the short way or all go the long one."""
    chance = random.Random(7)  # noqa: S311 - the same answers in each run
    ledgers = [Budgets(10, lambda: None), Budgets(10, lambda: None)]
    short = 0
    for second in range(400):
        known = ledgers[1].snapshot(NOW, second)
        used: int | None = second
        limit, reset = (known[0].limit, known[0].reset) if known else (500, RESET)
        left = None if limit is None else limit - second
        if chance.random() < 0.5:
            used = chance.choice((second + chance.randrange(-3, 9), None))
            limit, reset = chance.choice((500, 520, None)), chance.choice((RESET, RESET + 1, None))
            left = chance.choice((None if used is None or limit is None else limit - used, None))
        seen = RateLimit(limit, left, used, reset, "core")
        at, asked = float(second), second - chance.random()
        if ledgers[0].grew("o", seen, at, asked):
            short += 1
        else:
            ledgers[0].merge("o", seen, NOW, at, asked)
        ledgers[1].merge("o", seen, NOW, at, asked)
        assert ledgers[0].snapshot(NOW, at) == ledgers[1].snapshot(NOW, at)
    assert short > 20
