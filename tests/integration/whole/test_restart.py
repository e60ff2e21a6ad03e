"""A server restarts under a hundred connections: the application meets what it would meet without otelmon."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any

import psycopg
import psycopg2
import pytest

from demo.parts.supervisor import Supervisor
from otelmon.hooks.psycopg import hook as psycopg_hook
from otelmon.hooks.psycopg2 import hook as psycopg2_hook
from tests.integration.observing import observing
from tests.sql import servers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CONNECTIONS = 100
HOOKS = {psycopg2: psycopg2_hook, psycopg: psycopg_hook}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[servers.Server]:
    """Runs a server that takes more than a hundred connections."""
    supervisor = Supervisor(tmp_path)
    yield servers.start(supervisor, "", {"max_connections": "130"})
    supervisor.stop()


def attempt(step: Callable[[], Any]) -> tuple[str, str]:
    """Returns class and text of what a step raises, or its result."""
    try:
        return "returned", repr(step())
    except Exception as error:  # noqa: BLE001 - whatever the driver raises is compared
        return type(error).__qualname__, str(error)


def lived_through(driver: Any, server: servers.Server) -> list[list[tuple[str, str]]]:
    """Returns what each connection meets before, during and after a restart, in a transaction and after its end."""
    made = [driver.connect(server.url()) for _ in range(CONNECTIONS)]
    seen: list[list[tuple[str, str]]] = [[] for _ in made]

    def query(connection: Any) -> Any:
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        return cursor.fetchall()

    for at, connection in enumerate(made):
        seen[at].append(attempt(lambda connection=connection: query(connection)))
    server.supervisor.stop_part(server.program.name)
    server.run()
    for at, connection in enumerate(made):
        for step in (query, lambda each: each.rollback(), query, lambda each: each.closed):
            seen[at].append(attempt(lambda step=step, connection=connection: step(connection)))
        with suppress(Exception):
            connection.close()
    again = driver.connect(server.url())
    seen.append([attempt(lambda: query(again))])
    again.close()
    return seen


@pytest.mark.parts
@pytest.mark.parametrize("driver", HOOKS, ids=lambda driver: driver.__name__)
def test_restart_under_a_hundred_connections(driver: Any, server: servers.Server) -> None:
    """Same results, classes and texts; every failed query is counted, and nothing is left running or held."""
    without = lived_through(driver, server)
    assert {step[0] for step in without[0]} != {"returned"}
    for block in (nullcontext(), observing([HOOKS[driver]])):
        with block as observation:
            assert lived_through(driver, server) == without
            if observation is None:
                continue
            failed = sum(1 for connection in without for kind, _ in connection if kind != "returned")
            counted = sum(
                point.count
                for point in observation.points("db.client.operation.duration")
                if "error.type" in point.attributes
            )
            assert failed >= CONNECTIONS
            assert 0 < counted <= failed
            assert len(observation.registry.calls.in_flight) == 0
            assert [point for point in observation.points("otelmon.db.client.connection.leaked") if point.value] == []
