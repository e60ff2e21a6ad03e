"""Fuzzes redaction for as long as one likes: python -m tests.fuzz --minutes 10.

Each round draws anew; what was found is shown with the shortest example that hypothesis can make of it.
Exit code 0: every promise held, 1: one was broken.
"""

from __future__ import annotations

import argparse
import secrets
import time
import traceback
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

from tests.fuzz.properties import PROMISES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fuzz.properties import Promise

ROUND = 400
# A megabyte is read by every rule.
SHORT_ROUND = 25


def main(arguments: Sequence[str] | None = None) -> int:
    """Draws rounds of each promise in turn until the time is over or one is broken."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long to go on (10)")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32), help="of the first round, to draw it again")
    chosen = parser.parse_args(arguments)
    until = time.monotonic() + 60 * chosen.minutes
    drawn = {promise.holds.__name__: 0 for promise in PROMISES}
    number = chosen.seed
    print(f"first seed {number}")
    while time.monotonic() < until:
        for promise in PROMISES:
            holds = promise.holds
            examples = SHORT_ROUND if "megabyte" in holds.__name__ else ROUND
            if not _held(promise, examples, number):
                print(f"broken by --seed {number}: {(holds.__doc__ or '').strip()}")
                return 1
            drawn[holds.__name__] += examples
        number += 1
    for name, count in drawn.items():
        print(f"{count:9,} examples held: {name.replace('_', ' ')}")
    return 0


def _held(promise: Promise, examples: int, number: int) -> bool:
    bounds = settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    try:
        promise.check(bounds, number)
    except AssertionError:
        traceback.print_exc()
        return False
    return True


if __name__ == "__main__":
    raise SystemExit(main())
