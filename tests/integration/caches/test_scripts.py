"""What is known of each cache is exact, and what is not known is absent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.integration.caches.scripts import LOAD_SECONDS, SCRIPTS, Script, names_of
from tests.integration.caches.table import PAGE, page

if TYPE_CHECKING:
    from tests.integration.caches.scripts import Kit

# One second is far more than a load takes beyond its sleep on a machine that is busy with other things.
SLACK_SECONDS = 1.0


@pytest.mark.parametrize("script", [pytest.param(each, id=each.cache) for each in SCRIPTS])
def test_script_gives_exactly_its_counts(script: Script, kit: Kit) -> None:
    """Hits, misses by cause, size, evictions, loads and saved points are the script's; loads took what they took."""
    alive = script.run(kit)
    states = kit.registry.caches()
    state = states[next(names_of(script))]
    assert replace(state, load_ns=None, saved_ns=None) == script.state
    if script.state.loads:
        assert state.load_ns is not None
        slept = script.state.loads * LOAD_SECONDS
        assert slept <= state.load_ns / 1e9 <= slept + SLACK_SECONDS
        hits = (script.state.hits or 0) + (script.state.stale_hits or 0)
        assert state.saved_ns == hits * state.load_ns // script.state.loads
    del alive


def test_page_is_current() -> None:
    """docs/caches.md says what the scripts hold."""
    assert PAGE.read_text(encoding="utf-8") == page()
