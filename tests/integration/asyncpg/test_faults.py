"""Faults in mid-query: the application sees exactly what it sees without otelmon, and the span has failed."""

# ruff: noqa: D103 - the names of the faults say what each does
from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from otelmon import guard
from otelmon.hooks.asyncpg import hook
from otelmon.hooks.asyncpg_pool import hook as pool_hook
from tests.integration.observing import observing

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

SLEEP = "SELECT pg_sleep(20)"
TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ANY($1) AND query LIKE '%pg_sleep(20)%'"


async def terminate(admin: str, pids: list[int]) -> None:
    """Ends backends as soon as all of them sleep."""
    connection = await asyncpg.connect(admin)
    left = len(pids)
    while left > 0:
        left -= await connection.fetchval(f"SELECT count(*) FROM ({TERMINATE}) ended", pids)
        await asyncio.sleep(0.05)
    await connection.close()


def text_of(error: BaseException) -> tuple[str, str]:
    """Returns type and text of an exception."""
    return type(error).__qualname__, str(error)


async def backend_terminated(dsn: str, admin: str) -> Any:
    connection = await asyncpg.connect(dsn)
    killer = asyncio.ensure_future(terminate(admin, [connection.get_server_pid()]))
    try:
        await connection.fetch(SLEEP)
    except asyncpg.PostgresError as error:
        await killer
        first = text_of(error)
    try:
        await connection.fetch("SELECT 1")
    except asyncpg.InterfaceError as error:
        return first, text_of(error), connection.is_closed()


async def every_backend_terminated(dsn: str, admin: str) -> Any:
    async with asyncpg.create_pool(dsn, min_size=5, max_size=5) as pool:
        taken = [await pool.acquire() for _ in range(5)]
        killer = asyncio.ensure_future(terminate(admin, [each.get_server_pid() for each in taken]))
        found = await asyncio.gather(*(each.fetch(SLEEP) for each in taken), return_exceptions=True)
        await killer
        for each in taken:
            await pool.release(each)
        return [text_of(each) for each in found], await pool.fetchval("SELECT 1")


async def connection_terminated_by_another_task(dsn: str, admin: str) -> Any:
    del admin
    connection = await asyncpg.connect(dsn)
    task = asyncio.ensure_future(connection.fetch(SLEEP))
    await asyncio.sleep(0.2)
    connection.terminate()
    return [text_of(each) for each in await asyncio.gather(task, return_exceptions=True)]


async def pool_terminated_in_use(dsn: str, admin: str) -> Any:
    del admin
    pool = await asyncpg.create_pool(dsn, min_size=1, max_size=1)
    tasks = [asyncio.ensure_future(pool.fetch(SLEEP))]
    await asyncio.sleep(0.2)
    pool.terminate()
    return [text_of(each) for each in await asyncio.gather(*tasks, return_exceptions=True)]


async def pool_closed_in_use(dsn: str, admin: str) -> Any:
    del admin
    pool = await asyncpg.create_pool(dsn, min_size=1, max_size=1)
    task = asyncio.ensure_future(pool.fetchval("SELECT 1 FROM pg_sleep(0.3)"))
    await asyncio.sleep(0.1)
    await pool.close()
    return await task, [text_of(each) for each in await asyncio.gather(pool.fetch(SLEEP), return_exceptions=True)]


async def task_cancelled_in_a_pool(dsn: str, admin: str) -> Any:
    del admin
    async with asyncpg.create_pool(dsn, min_size=1, max_size=1) as pool:
        task = asyncio.ensure_future(pool.fetch(SLEEP))
        await asyncio.sleep(0.2)
        task.cancel()
        found = await asyncio.gather(task, return_exceptions=True)
        return [text_of(each) for each in found], await pool.fetchval("SELECT 1"), pool.get_idle_size()


FAULTS = (
    backend_terminated,
    every_backend_terminated,
    connection_terminated_by_another_task,
    pool_terminated_in_use,
    pool_closed_in_use,
    task_cancelled_in_a_pool,
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: each.__name__.replace("_", " "))
def test_fault_is_seen_as_ever(fault: Callable[..., Coroutine[Any, Any, Any]], dsn: str, postgres: Any) -> None:
    """Results, exceptions and their texts, and the state of connection and pool are asyncpg's own."""
    admin = postgres.admin_url.partition("?")[0]
    expected = asyncio.run(fault(dsn, admin))
    with observing([hook, pool_hook]) as observation:
        assert asyncio.run(fault(dsn, admin)) == expected
        slept = [span for span in observation.spans() if "pg_sleep(?)" in str(span.attributes.get("db.query.text"))]
        assert len(observation.registry.calls.in_flight) == 0
    mine = [span for span in slept if span.attributes["db.query.text"] == "SELECT pg_sleep(?)"]
    failed = {span.attributes.get("error.type") for span in mine}
    assert None not in failed
    if "backend" in fault.__name__:
        # What asyncpg makes of the server's 57P01 and the end of the connection.
        assert failed <= {"08003", "57P01"}


def test_errors_of_our_own_stay_ours(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where recording fails the application's call succeeds all the same, and the error is counted."""
    guard.set_strict(False)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    async def run() -> int:
        connection = await asyncpg.connect(dsn)
        found: int = await connection.fetchval("SELECT 1")
        await connection.close()
        return found

    with observing([hook]) as observation:
        monkeypatch.setattr(observation.registry.calls, "facts", fail)
        monkeypatch.setattr(type(observation.registry.calls), "finish", fail)
        assert asyncio.run(run()) == 1
    assert guard.site("hooks.asyncpg.call").errors == 1
    assert guard.site("calls.finish").errors == 2
