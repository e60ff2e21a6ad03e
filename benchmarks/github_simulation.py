"""Simulates processes that share GitHub's limits, and measures what otelmon knows of them meanwhile.

GitHub is the stand-in's rules (demo/github_stand_in) on a clock that events move; each process has otelmon's own book.
Nothing leaves the process and nothing waits: one seed is one world, always the same.
"""

from __future__ import annotations

import bisect
import heapq
import itertools
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from demo.github_stand_in.budgets import Budgets
from demo.github_stand_in.secondary import Call, SecondaryLimits, points
from otelmon.records import GitHubAnswer, GitHubCall, RateLimit
from otelmon.registry.github import GitHubBook
from otelmon.rules.github_secondary import is_near

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.github_worlds import World
    from otelmon.records import Budget, Forecast, RefusalKind, SecondaryUse

START = 1_800_000_000.0
OWNER = "installation-1"
SCRAPE_S, LOOK_S, ROTATION_S = 10.0, 5.0, 300.0
# Metrics of all processes are added up at this ratio, as one process reports on its own.
NEAR = 0.8
TELLING_S = 30.0
# GitHub tells its time in whole seconds.
AROUND_RESET_S = 3.0
# What costs more to ask is compared at one answer of so many.
COMPARED_EVERY = 25
# The clocks of processes are as large as those of machines that run for days; their last digits are rounded.
CLOCK_STEP_S = 1e-6


@dataclass
class Findings:
    """Holds what was measured: times in seconds since the start, errors in shares of the limit."""

    answers: int = 0
    unknown: int = 0
    foretold: bool = False
    beyond: int = 0
    errors: list[float] = field(default_factory=list)
    errors_before: list[float] = field(default_factory=list)
    expected_errors: list[float] = field(default_factory=list)
    expected_before: list[float] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)
    lowered: int = 0
    owners: set[str] = field(default_factory=set)
    low_at: dict[str, float] = field(default_factory=dict)
    repeated: int = 0
    near_at: float | None = None
    refused_at: dict[str, float] = field(default_factory=dict)
    forecasts: list[tuple[float, Forecast]] = field(default_factory=list)


class Process:
    """Stands for one process: otelmon's book, on clocks of its own that are wrong."""

    def __init__(self, simulation: Simulation, number: int) -> None:
        chance = simulation.chance
        self._simulation = simulation
        skew, offset = chance.uniform(-600, 600), chance.uniform(0, 1e6)
        self.monotonic = lambda: simulation.now + offset
        self.book = GitHubBook(
            2000, lambda _: lambda: None, lambda: START + simulation.now + skew, lambda: simulation.now + offset
        )
        self.book.report_to(lambda *_, **__: None, self._low, simulation.near)
        self.number = number
        self.way_s = chance.uniform(0.01, 0.08)
        self.rotate()

    def rotate(self) -> None:
        """Takes a new token of the installation; the application has read the answer that brought it."""
        self.credential = f"{self._simulation.chance.getrandbits(48):012x}"
        self.book.belongs(self.credential, OWNER)

    def _low(self, budget: Budget) -> None:
        findings = self._simulation.findings
        findings.low_at.setdefault(str(budget.level), self._simulation.now)
        level = (self.number, budget.level, (budget.reset or 0) // 60)
        findings.repeated += level in self._simulation.reported
        self._simulation.reported.add(level)
        if budget.limit and budget.used is not None and budget.used < NEAR * budget.limit:
            findings.foretold = True

    def used(self) -> int | None:
        """Returns what the process knows of the use of the present window, None where it knows nothing."""
        return self.book.used(OWNER, "core")


class Simulation:
    """Runs one world until it ends or GitHub refuses for the first time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chance = random.Random(world.seed)  # noqa: S311 - worlds are to be the same again
        self.now = 0.0
        self.findings = Findings()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._budgets = Budgets(lambda: START + self.now)
        self._secondary = SecondaryLimits(lambda: self.now)
        self._budgets.put(OWNER, "core", world.limit, world.used, world.reset_in)
        self._over = False
        # When each request of the first window was counted, to tell what was used at any time.
        self._spent_at: list[float] = []
        self.reported: set[tuple[int, object, int]] = set()
        self._last: dict[int, float] = {}
        self.processes = [Process(self, number) for number in range(world.processes)]

    def run(self) -> Findings:
        """Returns what was measured."""
        self._later(self.chance.expovariate(self.world.most), self._next)
        for seconds, step in ((SCRAPE_S, self._scrape), (LOOK_S, self._look), (ROTATION_S, self._rotate)):
            self._later(seconds, self._every(seconds, step))
        while self._events and not self._over:
            self.now, _, event = heapq.heappop(self._events)
            event()
        self.findings.owners = {budget.owner for each in self.processes for budget in each.book.budgets()}
        return self.findings

    def near(self, use: SecondaryUse) -> None:
        """Notes that a process has reported a limit to be near."""
        if self.findings.near_at is None:
            self.findings.near_at = self.now
        del use

    def _later(self, seconds: float, event: Callable[[], None]) -> None:
        if self.now + seconds <= self.world.seconds:
            heapq.heappush(self._events, (self.now + seconds, next(self._order), event))

    def _every(self, seconds: float, step: Callable[[], None]) -> Callable[[], None]:
        def event() -> None:
            step()
            self._later(seconds, event)

        return event

    def _next(self) -> None:
        """Lets a request happen or not, so that the pace is the world's, and plans the next chance."""
        self._later(self.chance.expovariate(self.world.most), self._next)
        if self.chance.random() * self.world.most < self.world.pace(self.now):
            self._send(self.chance.choice(self.processes))

    def _send(self, process: Process) -> None:
        world, chance = self.world, self.chance
        owner = process.book.owners.of(process.credential)
        route = world.route if chance.random() < 0.9 else "/user"  # noqa: PLR2004 - one in ten
        method = world.method if route == world.route else "GET"
        call = GitHubCall(owner, route, method, process.credential, began_ns=int(process.monotonic() * 1e9))
        process.book.sent(call)
        self._later(process.way_s + chance.uniform(0, 0.01), lambda: self._reach(process, call))

    def _reach(self, process: Process, call: GitHubCall) -> None:
        """Lets GitHub decide, as the request reaches it."""
        graphql = call.route == "/graphql"
        asked = Call(OWNER, 1 if graphql else points(call.method), graphql, call.route)
        refusal = self._secondary.enter(asked)
        if refusal is not None:
            kind: RefusalKind | None = "secondary"
            told = self._budgets.look(OWNER, "core")
            seconds = 0.01
        else:
            allowed, told = self._budgets.spend(OWNER, "core")
            if allowed:
                self._spent_at.append(self.now)
            kind = None if allowed else "primary"
            seconds = self.chance.expovariate(1 / self.world.service_s)
            self._later(seconds, lambda: self._secondary.leave(asked, seconds * self.world.cpu_share))
        if kind is not None:
            self.findings.refused_at.setdefault(kind, self.now)
        reset = told.reset + self.chance.choice((-1, 0, 0, 0, 1))
        limits = RateLimit(told.limit, told.remaining, told.used, reset, "core")
        # One answer in two hundred is overtaken by many others.
        late = self.chance.random() < 0.005  # noqa: PLR2004 - see above
        way = process.way_s + self.chance.uniform(0, 0.01) + (self.chance.uniform(1, 3) if late else 0.0)
        answer = GitHubAnswer(200 if kind is None else 403, limits, kind)
        date = START + self.now
        self._later(seconds + way, lambda: self._arrive(process, call, answer, date))

    def _arrive(self, process: Process, call: GitHubCall, answer: GitHubAnswer, date: float) -> None:
        findings, book = self.findings, process.book
        truth, before = self._budgets.look(OWNER, "core").used, process.used()
        compared = self.now < self.world.reset_in and findings.answers % COMPARED_EVERY == 0
        guess = process.book.tightest("core", None) if compared else None
        if guess is not None and guess.expected_used is not None:
            findings.expected_before.append(abs(truth - guess.expected_used) / self.world.limit)
        monotonic = process.monotonic()
        if monotonic >= book.clock.due_at:
            book.clock.read(time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(date)), monotonic)
        book.answered(call, answer)
        after = process.used()
        findings.answers += 1
        if after is None or 0 <= self.now - self.world.reset_in < AROUND_RESET_S:
            # An answer of the window before, or a clock that is not known to the second.
            findings.unknown += 1
        else:
            findings.errors.append(abs(truth - after) / self.world.limit)
        known = process.book.tightest("core", None) if compared else None
        if known is not None and after is not None:
            findings.beyond += not self._used_at(self.now - (known.age or 0.0)) <= after <= truth
            findings.expected_errors.append(abs(truth - (known.expected_used or 0)) / self.world.limit)
        if before is not None and self.now < self.world.reset_in:
            findings.lowered += after is None or after < before
            findings.errors_before.append(abs(truth - before) / self.world.limit)
            findings.ages.append(self.now - self._last[process.number])
        self._last[process.number] = self.now
        self._over = self._over or answer.refusal is not None

    def _used_at(self, at: float) -> int:
        """Returns what GitHub had counted in the first window at a time."""
        return self.world.used + bisect.bisect_left(self._spent_at, at - CLOCK_STEP_S)

    def _look(self) -> None:
        for process in self.processes:
            process.book.look()
        budgets = self.processes[0].book.budgets()
        if budgets and budgets[0].forecast is not None and self.now >= TELLING_S:
            self.findings.forecasts.append((self.now, budgets[0].forecast))

    def _scrape(self) -> None:
        """Adds up what the metrics of all processes say of each secondary limit."""
        sums: dict[str, tuple[float, float]] = {}
        for process in self.processes:
            for use in process.book.secondary.snapshot(process.monotonic()):
                ratio, pace = sums.get(use.rule, (0.0, 0.0))
                sums[use.rule] = ratio + use.ratio, pace + use.pace
        if any(is_near(ratio, pace) for ratio, pace in sums.values()) and self.findings.near_at is None:
            self.findings.near_at = self.now

    def _rotate(self) -> None:
        for process in self.processes:
            process.rotate()
