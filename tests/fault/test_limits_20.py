"""Case 20 of the table of faults: the machine has nothing left to give."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.fault.rig.application import LOAD

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.conservation.books import BookedSink
    from tests.fault.rig.application import Application

    Run = Callable[..., AbstractContextManager[Application]]

pytestmark = pytest.mark.fault

# Both limits begin with the second load, when everything is set up.
DESCRIPTORS = dedent("""\
    import os
    def begin(held=[]):
        try:
            while True:
                held.append(os.dup(2))
        except OSError:
            pass
    """)
# Enough that the application goes on, beside the times that the load counts, and too little for much of ours.
MEMORY = dedent("""\
    import resource
    def begin():
        pages = int(open("/proc/self/statm").read().split()[0])
        times = 4 * space["Times"].LONGEST_US
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + times + 1_000_000,) * 2)
    """)
STARTER = dedent("""\
    import resource, runpy, sys
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    sys.argv = sys.argv[1:]
    space = runpy.run_path(sys.argv[0], run_name="load")
    load, loads = space["load"], []
    def limited(*arguments):
        loads.append(1)
        if len(loads) == 2:
            begin()
        return load(*arguments)
    space["main"].__globals__["load"] = limited
    space["main"]()
    """)


@pytest.mark.parametrize("limit", [DESCRIPTORS, MEMORY], ids=["descriptors", "memory"])
def test_20_nothing_left(sink: BookedSink, application: Run, tmp_path: Path, seen, limit: str) -> None:
    """Without a free descriptor, and without memory to allocate, requests go on, and the process ends as it is told."""
    script = tmp_path / "limited.py"
    script.write_text(limit + STARTER)
    with application(command=(str(script), str(LOAD))) as app:
        app.load(1, 200)
        # The connection that is kept alive goes, so that a new one is needed, which cannot be had.
        sink.die()
        sink.rise()
        told = app.load(4, 200)
        ended = app.end()
    seen(f"{told['failed']} of {told['requests']} requests failed, exit {ended.seconds:.1f} s, lost {sink.lost()}")
    assert (told["failed"], ended.code) == (0, 3), ended.stderr
    assert ended.seconds <= 6
    assert "Traceback" not in ended.stderr
