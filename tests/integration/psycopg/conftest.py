"""Runs psycopg with and without otelmon on a real PostgreSQL."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from otelmon.hooks.psycopg import hook
from tests.integration.observing import observing
from tests.integration.psycopg2.conftest import Observation, make_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def observe() -> Iterator[Callable[..., Observation]]:
    """Yields a function that installs the hook; what it installed is undone at the end."""
    with ExitStack() as made:

        def start(**options: Any) -> Observation:
            return made.enter_context(observing([hook], **options))

        yield start


@pytest.fixture
def observation(observe: Callable[..., Observation]) -> Observation:
    """Returns one installation with the defaults."""
    return observe()


@pytest.fixture(autouse=True)
def _table(postgres_dsn: str) -> None:
    """Makes the table before otelmon is there."""
    make_table(postgres_dsn)


@pytest.fixture
def reset(postgres_dsn: str) -> Callable[[], None]:
    """Returns a function that brings the table back to its first state."""
    return lambda: make_table(postgres_dsn)
