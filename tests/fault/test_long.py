"""Cases 2, 3 and 26 of the table of faults at the length that they are stated with; ``make test-fault`` runs them."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import pytest
from psycopg2 import pool as pools

from tests.integration.hooks.pool_reports import watching

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.conservation.books import BookedSink
    from tests.fault.rig.application import Application
    from tests.fault.rig.proxy import Proxy

    Run = Callable[..., AbstractContextManager[Application]]

MINUTES = float(os.environ.get("FAULT_MINUTES", "1"))
# How long it is seen before, with the receiver there: two minutes are 60,000 requests.
MINUTES_BEFORE = min(MINUTES, 2)
RATE = 500
# What is promised of an absent receiver: whichever of the two allows more.
MOST_SLOWER, MOST_SLOWER_US = 1.02, 200
MOST_GROWN = 15_000_000
ROUNDS, THREADS = 250_000, 4

pytestmark = pytest.mark.fault


@pytest.mark.timeout((MINUTES_BEFORE + MINUTES) * 60 + 300)
@pytest.mark.parametrize("fault", ["dead", "silent"])
def test_03_outage_of_minutes(  # noqa: PLR0913, PLR0917 - fixtures and parameters
    sink: BookedSink, application: Run, door: Proxy, postgres_dsn: str, fault: str, seen
) -> None:
    """An outage of minutes costs the application no request, no time beyond the promise and no memory beyond it."""
    with application(postgres_dsn, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{door.port}") as app:
        app.load(5, RATE)
        well = app.load(MINUTES_BEFORE * 60, RATE)
        if fault == "dead":
            door.refuse()
        else:
            door.frozen = True
        away = app.load(MINUTES * 60, RATE)
        before, mended = len(sink.raw), time.monotonic()
        if fault == "dead":
            door.listen()
        else:
            door.thaw()
        app.begin(15, RATE)
        sink.wait_for(lambda each: any(path == "/v1/traces" for path, _ in each.raw[before:]), 30)
        recovered = time.monotonic() - mended
        after = app.finish()
        ended = app.end()
    grown = away["rss_bytes"] - well["rss_bytes"]
    seen(
        f"receiver {fault} for {MINUTES:g} min at {RATE} requests/s: "
        f"p99 {well['p99_us']:.0f} -> {away['p99_us']:.0f} us, RSS {grown / 1e6:+.1f} MB, "
        f"first span after {recovered:.1f} s, lost {sink.lost()} of {sink.started()}"
    )
    assert (well["failed"], away["failed"], after["failed"], ended.code) == (0, 0, 0, 3)
    assert recovered <= 10
    assert grown <= MOST_GROWN
    assert len(ended.lines("spans_lost_begins")) == len(ended.lines("spans_lost_ends")) == 1, ended.stderr
    assert away["p99_us"] <= max(well["p99_us"] * MOST_SLOWER, well["p99_us"] + MOST_SLOWER_US)


@pytest.mark.timeout(900)
def test_26_a_million_checkouts(postgres_dsn: str, seen) -> None:
    """Four threads take and return a million connections while the watch looks: not one is called a leak."""
    pool = pools.ThreadedConnectionPool(THREADS, THREADS, postgres_dsn)

    def work() -> None:
        for _ in range(ROUNDS):
            pool.putconn(pool.getconn())

    with watching(100, interval=0.001) as reported:
        running = [threading.Thread(target=work) for _ in range(THREADS)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        counted = sum(reported.registry.connections.checkouts().values())
    pool.closeall()
    seen(f"{counted} checkouts, {sum(reported.leaked().values())} called a leak")
    assert counted == ROUNDS * THREADS
    assert (reported.leaked(), reported.events) == ({}, [])
