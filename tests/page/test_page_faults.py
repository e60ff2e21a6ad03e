"""The page while what it watches stands still: it answers at once and says what does not."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo.parts.waiting import wait_for
from tests.page.scenario import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.page.scenario import Scenario

pytestmark = pytest.mark.parts

# The owner's target; docs/page.md has what is measured.
SECONDS_TO_ANSWER = 3.0
SECONDS_TO_NOTICE = 30.0


@contextmanager
def frozen(watched: Scenario, name: str) -> Iterator[None]:
    """Stops a part and its children by SIGSTOP, and lets them go on."""
    pid = next(each.identity.pid for each in watched.stack.supervisor.state.parts if each.name == name)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    family = [pid, *(int(each) for each in children)]
    for each in family:
        os.kill(each, signal.SIGSTOP)
    try:
        yield
    finally:
        for each in family:
            os.kill(each, signal.SIGCONT)


def says(url: str, words: str, *, there: bool = True) -> bool:
    """Tells whether the page has words, or has them no longer; each look is quick enough."""
    began = time.monotonic()
    found = words in text_of(f"{url}/")
    assert time.monotonic() - began < SECONDS_TO_ANSWER
    return found == there


def test_a_frozen_store_is_said_so(watched: Scenario, page_url: str) -> None:
    """What it told before stays, with its age; alerts come from elsewhere and stay fresh; afterwards all is well."""
    away = "The metrics store does not answer"
    with frozen(watched, "victoriametrics"):
        assert wait_for(lambda: says(page_url, away), SECONDS_TO_NOTICE, between=1.0)
        page = text_of(f"{page_url}/")
        assert "What stands here is" in page
        assert "contributors#1" in page
        assert "Alertmanager does not answer" not in page
    assert wait_for(lambda: says(page_url, away, there=False), SECONDS_TO_NOTICE, between=1.0)


def test_a_frozen_jaeger_breaks_one_page_only(watched: Scenario, page_url: str) -> None:
    """A trace cannot be shown, which is said with its reason; the page itself does not wait."""
    with frozen(watched, "jaeger"):
        assert wait_for(lambda: says(page_url, "Jaeger does not answer"), SECONDS_TO_NOTICE, between=1.0)
    assert wait_for(lambda: says(page_url, "Jaeger does not answer", there=False), SECONDS_TO_NOTICE, between=1.0)


def test_a_frozen_database_does_not_slow_the_page(watched: Scenario, page_url: str) -> None:
    """The page does not ask PostgreSQL; the observer tells that it cannot."""
    with frozen(watched, "postgres"):
        assert wait_for(lambda: says(page_url, "out of reach"), SECONDS_TO_NOTICE, between=1.0)
    assert wait_for(lambda: says(page_url, "out of reach", there=False), SECONDS_TO_NOTICE, between=1.0)
