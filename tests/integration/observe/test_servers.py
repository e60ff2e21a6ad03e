"""Servers that restart, freeze, stand by, fail over, or lack the library of pg_stat_statements."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import psycopg
import pytest

from demo.parts.supervisor import Supervisor
from otelmon.operate.observe.health import answer
from tests.integration.observe.conftest import TEMPLATE, prepared
from tests.integration.observe.switch import Switch
from tests.sql import servers
from tests.sql.database import READER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.observe.watching import Watching

    Watch = Callable[[str], Watching]
    Start = Callable[..., servers.Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Gives a function that starts a server with the schema in it; all are ended with the test."""
    supervisor = Supervisor(tmp_path)
    yield lambda **options: prepared(servers.start(supervisor, "", options))
    supervisor.stop()


def processes(server: servers.Server) -> list[int]:
    """Returns the server's processes: the first one and its children."""
    parent = next(part.identity.pid for part in server.supervisor.state.parts if part.name == server.program.name)
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [parent, *map(int, children)]


def test_restart_is_waited_for_and_told(start: Start, watch: Watch) -> None:
    """A server that goes is unreachable, not zero; when it is back everything is read, and counters have not fallen."""
    server = start()
    watching = watch(server.url(TEMPLATE, READER))
    watching.until(lambda: not watching.down)
    watching.until(lambda: (watching.figure("postgresql.commits") or 0) > 5)
    before = watching.figure("postgresql.commits")
    server.supervisor.stop_part(server.program.name)
    watching.until(lambda: not watching.observer.board.now.connected)
    assert set(watching.reasons.values()) == {"unreachable"}
    assert watching.figure("postgresql.connection.max") is None
    server.run()
    watching.until(lambda: not watching.down)
    watching.read_anew("database_activity")
    assert [len(watching.told(name)) for name in ("unreachable", "server.restarted", "server.changed")] == [1, 1, 0]
    assert (watching.figure("postgresql.commits") or 0) >= (before or 0)


def test_frozen_server_is_given_up_and_health_answers_at_once(start: Start, watch: Watch) -> None:
    """Where no byte comes, the client stops waiting by itself; health does not notice; then all is as before."""
    server = start()
    watching = watch(server.url(TEMPLATE, READER))
    watching.until(lambda: not watching.down)
    frozen = processes(server)
    for each in frozen:
        os.kill(each, signal.SIGSTOP)
    try:
        times = []
        end = time.monotonic() + 40
        while watching.observer.board.now.connected and time.monotonic() < end:
            began = time.perf_counter()
            answer("/status", watching.observer.board.now, time.monotonic())
            times.append(time.perf_counter() - began)
            time.sleep(0.02)
        assert (watching.observer.board.now.connected, watching.observer.board.now.reason) == (False, "timeout")
        assert median(times) < 0.01
    finally:
        for each in frozen:
            os.kill(each, signal.SIGCONT)
    watching.until(lambda: not watching.down)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'otelmon observe'"
        row = connection.execute(query).fetchone()
    assert row is not None
    assert row[0] <= 2


def test_failover_is_noticed_behind_the_same_address(start: Start, watch: Watch) -> None:
    """Another server has counted otherwise: its figures are a new beginning, and the change is an event."""
    first, second = start(), start()
    with psycopg.connect(second.url(TEMPLATE), autocommit=True) as connection:
        connection.execute("CREATE TABLE many (id integer)")
        connection.execute("INSERT INTO many SELECT generate_series(1, 50000)")
    switch = Switch(first.port)
    try:
        watching = watch(first.url(TEMPLATE, READER).replace(str(first.port), str(switch.port)))
        watching.until(lambda: not watching.down)
        switch.turn_to(second.port)
        watching.until(lambda: watching.told("server.changed"))
        watching.until(lambda: not watching.down)
        watching.read_anew("database_activity")
        assert (watching.figure("postgresql.tup_inserted") or 0) < 50000
        assert watching.told("server.restarted") == []
    finally:
        switch.close()


def test_standby_is_read_and_told_apart(start: Start, watch: Watch) -> None:
    """On a standby every view is read, and it says that it is in recovery."""
    server = start()
    server.restart_as_standby()
    watching = watch(server.url(TEMPLATE, READER))
    watching.until(lambda: not watching.down)
    assert watching.figure("otelmon.postgresql.in_recovery") == 1
    assert watching.observer.board.now.server is not None
    assert watching.observer.board.now.server.in_recovery


def test_library_not_preloaded_is_said(start: Start, watch: Watch) -> None:
    """Where the extension is created and its library not loaded, that is the reason, and the rest is read."""
    server = start(shared_preload_libraries="")
    watching = watch(server.url(TEMPLATE, READER))
    watching.until(lambda: watching.observer.board.now.statements == "not preloaded")
    watching.until(lambda: watching.down == {"statements", "slow_statements", "statement_totals"})
    assert {watching.reasons[name] for name in watching.down} == {"not preloaded"}
