"""Takes in every request and answer of the GitHub API, and says what is known of budgets, costs and limits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from otelmon.registry.github.amounts import Amounts, summed
from otelmon.registry.github.budgets import Budgets
from otelmon.registry.github.etags import Etags
from otelmon.registry.github.owners import Owners
from otelmon.registry.github.secondary import Secondary
from otelmon.registry.github.server_clock import ServerClock
from otelmon.registry.tally import Tallies
from otelmon.rules.github_budget import is_expired
from otelmon.rules.github_outcome import outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Protocol

    from otelmon.records import Budget, GitHubAnswer, GitHubCall, RateLimit, SecondaryUse
    from otelmon.registry.github.budgets import Low
    from otelmon.registry.github.server_clock import Clock

    class Emit(Protocol):
        """Emits one event."""

        def __call__(
            self, name: str, attributes: Mapping[str, str | int | float | bool], *, trace_id: int, span_id: int
        ) -> None:
            """Emits it in the context of a span."""
            ...


# Lines of the application's code that call GitHub, told apart.
MOST_LINES = 200
NS = 1_000_000_000
Line = tuple[str, str, int]
Kind = tuple["str | None", str]


class GitHubBook:
    """Joins what is kept of the GitHub API in this process: bounded, in memory, empty again in a forked child.

    Args:
        limit: most attribute sets of one instrument.
        overflows: returns, for an instrument, what counts a measurement that it could not attribute.
        wall: the machine's clock in unix seconds, which may be wrong and may jump.
        monotonic: a clock in seconds that does neither.
    """

    def __init__(
        self,
        limit: int,
        overflows: Callable[[str], Callable[[], object]],
        wall: Clock = time.time,
        monotonic: Clock = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        # Who reports; launch puts them in, and until then nobody does.
        self.emit: Emit | None = None
        self.on_low: Callable[[Budget], object] | None = None
        self.on_near: Callable[[SecondaryUse], object] | None = None
        self.clock = ServerClock(wall, monotonic)
        self.owners = Owners()
        self._etags = Etags()
        self._budgets = Budgets(limit, overflows("otelmon.github.rate_limit.remaining"))
        self.secondary = Secondary(overflows("otelmon.github.secondary_limit.used_ratio"))
        # One table for all that is counted of an answer: what became of it, by resource, route and calling line.
        self._counts: Tallies[tuple[str | None, str, Line | None, str]] = Tallies(
            limit, overflows("otelmon.github.requests")
        )
        self._costs: Amounts[tuple[str | None, str, Line | None]] = Amounts(limit, overflows("otelmon.github.points"))
        self.refused: Amounts[tuple[str | None, str]] = Amounts(limit, overflows("otelmon.github.throttled"))
        self.avoidable: Amounts[tuple[str | None, str]] = Amounts(limit, overflows("otelmon.github.points.avoidable"))
        self._lines: set[Line] = set()
        self._line_overflowed = overflows("otelmon.github.code.requests")
        self.drift: dict[tuple[str, str | None], int] = {}
        # How near secondary limits were when the watch last looked.
        self.uses: list[SecondaryUse] = []

    def report_to(
        self, emit: Emit, on_low: Callable[[Budget], object], on_near: Callable[[SecondaryUse], object]
    ) -> None:
        """Lets others report.

        Args:
            emit: takes the events of answers.
            on_low: takes each budget whose window has newly reached a level.
            on_near: takes each secondary limit that has come near.
        """
        self.emit, self.on_low, self.on_near = emit, on_low, on_near

    def sent(self, call: GitHubCall) -> None:
        """Takes in a request before it is sent."""
        near = self.secondary.sent(call, call.began_ns // NS)
        if near is not None:
            self._near(near)

    def failed(self, call: GitHubCall) -> None:
        """Takes in that a request has no answer."""
        self.secondary.ended(call, self._monotonic(), answered=False)

    def answered(self, call: GitHubCall, answer: GitHubAnswer) -> None:
        """Takes in one answer, one redirect hop or retry each."""
        monotonic = self._monotonic()
        owner, route, _, credential, _, _, address, began_ns, _, _ = call
        status, limits, refusal, _, etag, line = answer
        resource = limits[4]
        outcome = outcome_of(status, refusal, route, is_anonymous=not credential)
        if not self._counts.counted((resource, route, line, outcome)):
            self._counts.add((resource, route, self._known(line), outcome))
        if refusal is not None:
            self.refused.add((resource, refusal))
        if etag is not None and address is not None and outcome == "point" and self._etags.is_known(address, etag):
            self.avoidable.add((resource, route))
        near = self.secondary.ended(call, monotonic, answered=True)
        if near is not None:
            self._near(near)
        if credential:
            # The owner may have been learned while the answer was on its way.
            owner = self.owners.known.get(credential, credential)
        if not self._budgets.grew(owner, limits, monotonic, began_ns / NS):
            self._low(self._budgets.merge(owner, limits, self.clock.now(), monotonic, began_ns / NS))

    def _known(self, line: Line | None) -> Line | None:
        """Returns a line that has a place in the table, else None."""
        if line is None or line in self._lines:
            return line
        if len(self._lines) < MOST_LINES:
            self._lines.add(line)
            return line
        self._line_overflowed()
        return None

    def cost(self, call: GitHubCall, resource: str | None, points: int, line: Line | None) -> None:
        """Books points of the primary limit that a GraphQL call was told to have cost."""
        self._costs.add((resource, call.route, self._known(line)), points)

    def requests(self) -> dict[Kind, int]:
        """Returns the number of answers by resource and route."""
        return summed(((resource, route), n) for (resource, route, _, _), n in self._counts.snapshot().items())

    def points(self) -> dict[Kind, int]:
        """Returns the points of the primary limit that are known to be spent, by resource and route."""
        return summed(((resource, route), n) for resource, route, _, n in self._spent())

    def saved(self) -> dict[Kind, int]:
        """Returns the points that conditional requests have saved, by resource and route."""
        counts = self._counts.snapshot().items()
        return summed(((resource, route), n) for (resource, route, _, outcome), n in counts if outcome == "saved")

    def line_requests(self) -> dict[tuple[str | None, Line], int]:
        """Returns the number of answers by resource and calling line."""
        counts = self._counts.snapshot().items()
        return summed(((resource, line), n) for (resource, _, line, _), n in counts if line is not None)

    def line_points(self) -> dict[tuple[str | None, Line], int]:
        """Returns the points that are known to be spent, by resource and calling line."""
        return summed(((resource, line), n) for resource, _, line, n in self._spent() if line is not None)

    def _spent(self) -> Iterator[tuple[str | None, str, Line | None, int]]:
        for (resource, route, line, outcome), count in self._counts.snapshot().items():
            if outcome == "point":
                yield resource, route, line, count
        for (resource, route, line), points in self._costs.snapshot().items():
            yield resource, route, line, points

    def belongs(self, credential: str, owner: str) -> None:
        """Takes in the proof that a credential, by its hashed name, spends somebody's budget."""
        if credential and self.owners.of(credential) != owner:
            before = self.owners.of(credential)
            self.owners.learn(credential, owner)
            self._budgets.rename(before, owner, self.clock.now(), self._monotonic())

    def reconcile(self, owner: str, told: RateLimit) -> None:
        """Takes in what ``GET /rate_limit`` told of one budget, and notes how far the ledger was from it."""
        now = self.clock.now()
        known = self._budgets.used(owner, told.resource, now)
        if known is not None and told.used is not None and not is_expired(told, now):
            self.drift[owner, told.resource] = told.used - known
        monotonic = self._monotonic()
        self._low(self._budgets.merge(owner, told, now, monotonic, monotonic))

    def look(self) -> None:
        """Reports budgets that will not last by their recent use, and sees how near secondary limits are."""
        for low in self._budgets.foretold(self.clock.now(), self._monotonic()):
            self._low(low)
        self.uses = self.secondary.snapshot(self._monotonic())
        for use in self.secondary.newly_near(self.uses):
            self._near(use)

    def budgets(self, reserve: float | None = None) -> tuple[Budget, ...]:
        """Returns the budgets whose window has not ended; ``reserve`` is a share of the limit."""
        return self._budgets.snapshot(self.clock.now(), self._monotonic(), reserve)

    def tightest(self, resource: str, reserve: float | None) -> Budget | None:
        """Returns the tightest budget of one resource, None while nothing is known."""
        return self._budgets.tightest(resource, self.clock.now(), self._monotonic(), reserve)

    def used(self, owner: str, resource: str | None) -> int | None:
        """Returns the known use of the present window of one budget."""
        return self._budgets.used(owner, resource, self.clock.now())

    def _low(self, low: Low | None) -> None:
        if low is not None and self.on_low is not None:
            self.on_low(low[0].shown(self.clock.now(), self._monotonic()))

    def _near(self, use: SecondaryUse) -> None:
        if self.on_near is not None:
            self.on_near(use)

    def clear(self) -> None:
        """Empties everything in a forked child; those who report stay."""
        self._counts.clear()
        self._costs.clear()
        self.refused.clear()
        self.avoidable.clear()
        self._lines.clear()
        self.owners.clear()
        self._etags.clear()
        self._budgets.clear()
        self.secondary.clear()
        self.drift = {}
        self.uses = []
