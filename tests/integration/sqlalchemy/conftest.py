"""Runs SQLAlchemy with and without otelmon, over each driver."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sqlalchemy_itself
from opentelemetry.sdk.trace import TracerProvider

from otelmon.hooks import calling_line
from otelmon.hooks.asyncpg import hook as asyncpg
from otelmon.hooks.psycopg import hook as psycopg
from otelmon.hooks.psycopg2 import hook as psycopg2
from otelmon.hooks.sqlalchemy import hook as sqlalchemy
from otelmon.hooks.sqlalchemy_pool import hook as sqlalchemy_pool
from tests.integration.observing import observing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.psycopg2.conftest import Observation

# Outside of the main environment, too, SQLAlchemy is a library and no application.
calling_line.LIBRARY_PREFIXES += (f"{Path(sqlalchemy_itself.__file__).parents[1]}/",)
HOOKS = (psycopg2, psycopg, asyncpg, sqlalchemy, sqlalchemy_pool)


@pytest.fixture
def observation() -> Iterator[Observation]:
    """Yields what the hooks see."""
    with observing(HOOKS) as observation:
        yield observation


@pytest.fixture
def dsn(postgres_dsn: str) -> str:
    """Returns the connection string without what only libpq understands."""
    return postgres_dsn.partition("?")[0]


@pytest.fixture
def tracer_provider() -> Iterator[TracerProvider]:
    """Yields a provider whose spans nobody takes."""
    provider = TracerProvider(shutdown_on_exit=False)
    yield provider
    provider.shutdown()
