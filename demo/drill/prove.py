"""``make drill``: two stacks, one broken in every way, the other left alone; docs/proof.md is what they show."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from demo.drill import comparison, run
from demo.drill.comparison_result import compared
from demo.drill.faults import addresses, faults
from demo.drill.loop import Loops
from demo.drill.proof import Shown
from demo.drill.situation import Situation, Traffic
from demo.parts.errors import PartError
from demo.parts.waiting import wait_for
from otelmon.operate.drill.drilling import Drill
from otelmon.operate.drill.faults import chosen
from otelmon.operate.drill.ledger import WATCHDOG, ledger
from otelmon.operate.drill.pairing import rules_of, unpaired
from otelmon.operate.drill.sighting import NOTIFIED
from otelmon.operate.drill.watching import Watcher

if TYPE_CHECKING:
    from rich.console import Console

    from otelmon.operate.drill.one_fault import Tell

# What is usual must be two minutes old, and long enough to be usual.
SECONDS_TO_SETTLE = 200.0
SECONDS_TO_CALM_DOWN = 120.0


def prove(console: Console, directory: Path, names: tuple[str, ...] = ()) -> Shown:
    """Starts both stacks, drills, and ends them.

    Raises:
        PartError: a part cannot be had, or the stacks do not calm down before the first fault.
    """
    began = time.monotonic()

    def tell(line: str) -> None:
        console.print(f"{time.monotonic() - began:6.0f} s  {line}", markup=False, highlight=False, soft_wrap=True)

    broken, alone = directory / "broken", directory / "alone"
    with ExitStack() as ends:
        for each in (broken, alone):
            ends.callback(run.stop, each)
            run.start(console, each)
        return drill(Situation.at(broken), Situation.at(alone), tell, names)


def drill(broken: Situation, alone: Situation, tell: Tell, names: tuple[str, ...]) -> Shown:
    """Runs the faults against one stack while the other is watched."""
    lines = unpaired(rules_of(sorted(Path(broken.places.rules).glob("*.yaml"))), faults(broken))
    if lines:
        raise PartError(f"rules and faults do not pair: {'; '.join(lines)}", "see demo/drill/faults.py")
    scrapes = Loops()
    with Traffic(broken), Traffic(alone), Watcher(addresses(broken)) as watcher, Watcher(addresses(alone)) as quiet:
        places = broken.places
        scraped = places.contributors.admin_url.replace("/postgres?", "/contributors?")
        scrapes.begin(
            lambda: comparison.scrape(scraped, places.victoriametrics, "contributors"),
            comparison.SECONDS_BETWEEN_SCRAPES,
        )
        tell(f"usual requests for {SECONDS_TO_SETTLE:.0f} s")
        time.sleep(SECONDS_TO_SETTLE)
        for each in (watcher, quiet):
            calm(each)
        first, last = len(watcher.sightings), len(quiet.sightings)
        started = time.monotonic()
        outcomes = Drill(watcher, tell).run(chosen(faults(broken), names))
        seconds = time.monotonic() - started
        scrapes.end()
        came = [
            dict(each.labels) for each in quiet.sightings[last:] if each.kind == NOTIFIED and each.rule[0] != WATCHDOG
        ]
        found = ledger(outcomes, watcher.sightings[first:])
        return Shown(outcomes, found, seconds, came, compared(places.victoriametrics, watcher.sightings))


def calm(watcher: Watcher) -> None:
    """Waits until nothing fires but the dead man's switch.

    Raises:
        PartError: something goes on firing.
    """

    def firing() -> list[str]:
        return [each["alertname"] for each in watcher.firing() if each["alertname"] != WATCHDOG]

    if not wait_for(lambda: not firing(), SECONDS_TO_CALM_DOWN, between=1.0):
        raise PartError(f"{', '.join(firing())} fires before the first fault", "see the logs in .demo/drill")
