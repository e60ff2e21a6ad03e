"""Engines over each driver, and how a way is run on them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.util import greenlet_spawn

from tests.integration.sqlalchemy.models import ROWS, Base

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

DRIVERS = ("psycopg2", "psycopg", "asyncpg", "sqlite")


def on_engine(driver: str, dsn: str, work: Callable[[Engine], Any], **options: Any) -> Any:
    """Runs some work with an engine over a driver; SQLAlchemy's asyncio runs the very same work in a greenlet."""
    if driver == "asyncpg":
        return asyncio.run(_on_async_engine(dsn.replace("postgresql:", "postgresql+asyncpg:"), work, options))
    url = "sqlite://" if driver == "sqlite" else dsn.replace("postgresql:", f"postgresql+{driver}:")
    engine = create_engine(url, **options)
    try:
        return work(engine)
    finally:
        engine.dispose()


async def _on_async_engine(url: str, work: Callable[[Engine], Any], options: dict[str, Any]) -> Any:
    engine = create_async_engine(url, **options)
    try:
        return await greenlet_spawn(work, engine.sync_engine)
    finally:
        await engine.dispose()


def make_tables(engine: Engine) -> None:
    """Makes the tables anew."""
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        for table, rows in ROWS:
            connection.execute(table.insert(), rows)


def outcome(work: Callable[[Engine], Any], engine: Engine) -> tuple[str, Any]:
    """Returns what some work gives: its result, or type and text of its exception."""
    try:
        return "result", work(engine)
    except Exception as error:  # noqa: BLE001 - any exception is compared
        return type(error).__qualname__, str(error)
