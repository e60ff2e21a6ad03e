"""What every test gets: a guard that raises, and the fixtures that start real parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["tests.parts_fixtures", "tests.conservation.fixtures"]

# How fast a busy machine makes inputs says nothing about the code under test.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def _strict_guard() -> Iterator[None]:
    """Lets errors of otelmon's own code through to the test, and starts each test with counters at zero."""
    guard.reset()
    guard.set_strict(True)
    yield
    guard.set_strict(False)
    guard.reset()
