"""Faults at GitHub: budgets used, burning, spent; refusals; a secondary limit that comes near."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from demo.drill.application import pay_back
from demo.drill.loop import Loops
from otelmon.operate.drill.fault import Consequence, Fault, Stage

if TYPE_CHECKING:
    from demo.drill.situation import Situation

HOUR = 3600
ERROR_OF_THE_SERVICE = 500
SECONDS_AFTER_A_REFUSAL = 5.0
REFUSED = "a request that GitHub refuses is an error of the service"
PATH = "/github/owner-{0:02d}/project-{1}"


@dataclass(frozen=True, slots=True)
class Spent:
    """Holds a budget: what is allowed and used, and the seconds until it is renewed."""

    limit: int
    used: int
    seconds: int


def set_budget(here: Situation, service: str, resource: str, spent: Spent) -> None:
    """Replaces a budget of a service's token."""
    here.github("PUT", "budget", {"credential": here.places.tokens[service], "resource": resource, **asdict(spent)})


def used(here: Situation) -> Fault:
    """A budget used to five sixths, then to all but a little; what is asked meanwhile costs nothing, by entity tags.

    Each window ends later than the one before, as GitHub's do: an earlier end would be an old answer.
    """

    def spend(count: int, later: int) -> None:
        set_budget(here, "reports", "core", Spent(5000, count, HOUR + later))

    return Fault(
        "github-budget",
        (
            Stage(("OtelmonGitHubBudget", "warning"), "4,250 of 5,000 requests used", lambda: spend(4250, 60)),
            Stage(("OtelmonGitHubBudget", "critical"), "4,800 of 5,000 requests used", lambda: spend(4800, 120)),
        ),
        lambda: spend(10, 600),
        uses=frozenset({"services"}),
        takes=frozenset({"core of reports"}),
    )


def burning(here: Situation) -> Fault:
    """A budget used by half, at a pace that spends the rest long before it is renewed."""
    loops = Loops()

    def inject() -> None:
        set_budget(here, "batch", "search", Spent(1000, 500, HOUR))
        loops.begin(lambda: here.ask("batch", "/faults/search?q=x"), 0.5)

    def restore() -> None:
        loops.end()
        set_budget(here, "batch", "search", Spent(1000, 1, HOUR + 600))
        here.ask("batch", "/faults/search?q=x")

    stage = Stage(
        ("OtelmonGitHubBudgetBurning", "warning"), "500 of 1,000 searches left for an hour, 2 used each second", inject,
    )  # fmt: skip
    return Fault("github-burning", (stage,), restore, uses=frozenset({"services"}), takes=frozenset({"batch"}))


def exhausted(here: Situation) -> Fault:
    """A budget that is spent; the refusals that follow are of the same cause."""
    loops = Loops()

    asking = {"service": "contributors"}

    def inject() -> None:
        set_budget(here, "contributors", "search", Spent(30, 30, 240))
        loops.begin(lambda: here.ask("contributors", "/faults/search?q=x"), 15.0)

    def restore() -> None:
        loops.end()
        set_budget(here, "contributors", "search", Spent(30, 1, 480))
        here.ask("contributors", "/faults/search?q=x")

    stage = Stage(
        ("OtelmonGitHubBudgetExhausted", "critical"), "30 of 30 searches used", inject,
        also=(
            Consequence("OtelmonGitHubThrottled", "a search is refused when none is left", asking),
            Consequence("OtelmonGitHubBudget", "what is spent is used up too", {"resource": "search"}),
            Consequence("OtelmonErrorBudgetBurn", "a refused search is an error of the service", asking),
        ),
        event="otelmon.github.throttled",
    )  # fmt: skip
    return Fault(
        "github-exhausted", (stage,), restore, uses=frozenset({"services"}), takes=frozenset({"github refusals"})
    )


def throttled(here: Situation) -> Fault:
    """Refusals by a secondary limit, for requests of one service."""

    def inject() -> None:
        here.github("POST", "secondary", {"count": 4, "status": 403, "retry_after": 1})
        for number in range(4):
            here.ask("contributors", PATH.format(1 + number, 2))

    stage = Stage(
        ("OtelmonGitHubThrottled", "warning"), "4 requests refused by a secondary limit", inject,
        event="otelmon.github.throttled", also=(Consequence("OtelmonErrorBudgetBurn", REFUSED),),
    )  # fmt: skip
    return Fault(
        "github-throttled", (stage,), lambda: None, uses=frozenset({"services"}), takes=frozenset({"github refusals"})
    )


def secondary_near(here: Situation) -> Fault:
    """Up to twenty requests a second where fifteen are allowed, of a budget that lasts."""
    loops = Loops()

    def ask() -> None:
        # Each refusal is an error of the service, for which many good requests have to pay afterwards.
        if here.ask("batch", PATH.format(2, 1)) >= ERROR_OF_THE_SERVICE:
            time.sleep(SECONDS_AFTER_A_REFUSAL)

    def inject() -> None:
        set_budget(here, "batch", "core", Spent(1_000_000, 10, HOUR + 60))
        loops.begin(ask, 0.1, threads=3)

    def restore() -> None:
        loops.end()
        set_budget(here, "batch", "core", Spent(5000, 10, HOUR + 600))
        # What GitHub refused became errors of the service.
        pay_back(here, "batch")

    stage = Stage(
        ("OtelmonGitHubSecondaryNear", "warning"), "as many requests as go, 900 points a minute allowed", inject,
        also=(
            Consequence("OtelmonGitHubThrottled", "who comes nearer still is refused", {"service": "batch"}),
            Consequence("OtelmonErrorBudgetBurn", REFUSED, {"service": "batch"}),
        ),
    )  # fmt: skip
    return Fault("github-secondary", (stage,), restore, uses=frozenset({"services"}), takes=frozenset({"batch"}))
