"""A program for a test: sends tasks to the worker and writes what each returned, a JSON document a line.

argv: how many tasks.
"""

from __future__ import annotations

import json
import sys

from tests.life.tasks import work

SECONDS = 90


def main() -> None:
    """Sends all of them, then waits for each."""
    sent = [work.delay() for _ in range(int(sys.argv[1]))]
    for each in sent:
        print(json.dumps(each.get(timeout=SECONDS)), flush=True)


if __name__ == "__main__":
    main()
