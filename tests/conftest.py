"""What every test gets: a guard that raises, and the fixtures that start real parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["tests.parts_fixtures"]


@pytest.fixture(autouse=True)
def _strict_guard() -> Iterator[None]:
    """Lets errors of otelmon's own code through to the test, and starts each test with counters at zero."""
    guard.reset()
    guard.set_strict(True)
    yield
    guard.set_strict(False)
    guard.reset()
