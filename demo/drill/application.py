"""Faults of an application: slow and failing queries, errors, caches, pools."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from demo.drill.loop import Loops
from demo.drill.sessions import Sessions
from demo.readback.http import get_json
from otelmon.operate.drill.fault import Consequence, Fault, Stage

if TYPE_CHECKING:
    from demo.drill.situation import Situation

MAIN, POOLED, BURNED = "contributors", "reports", "batch"
FEWEST_ERRORS = 6
SECONDS_TO_EXPORT = 12
REQUESTS = "http_server_request_duration_seconds_count"
# What shares of calls are shares of.
PACE_OF_CALLS = "pace of calls"
DATABASE, SERVICES = "contributors database", "services"
HELD_FOR = 20
# Many queries at once, then so many a minute; 0.6 s each.
SLOW_PATH = "/faults/wait?seconds=0.6"


def slow_queries(here: Situation) -> Fault:
    """Statements that wait inside the server, few and then many."""
    few, many = Loops(), Loops()

    def some() -> None:
        for _ in range(5):
            here.ask(MAIN, SLOW_PATH)
        few.begin(lambda: here.ask(MAIN, SLOW_PATH), 6.0)

    def restore() -> None:
        few.end()
        many.end()

    labels = {"service": MAIN}
    slower = Consequence("OtelmonQueriesSlowerThanUsual", "they take many times what such statements took", labels)
    return Fault(
        "slow-queries",
        (
            Stage(
                ("OtelmonSlowQueries", "warning"), "10 queries of 0.6 s a minute", some, labels,
                event="otelmon.db.slow", also=(slower,),
            ),
            Stage(
                ("OtelmonSlowQueries", "critical"), "60 queries of 0.6 s a minute",
                lambda: many.begin(lambda: here.ask(MAIN, SLOW_PATH), 1.5, threads=2), labels, event="otelmon.db.slow",
                also=(slower,),
            ),
        ),
        restore,
        uses=frozenset({SERVICES}),
    )  # fmt: skip


def slower_than_usual(here: Situation) -> Fault:
    """Somebody locks a table again and again, so that its usual reads take three times as long, none of them slow."""
    locker, loops = Sessions(here.application_url("contributors")), Loops()

    def inject() -> None:
        statement = "LOCK TABLE repositories IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(0.3); COMMIT"

        def lock() -> None:
            locker.open(1, statement)
            locker.close()

        loops.begin(lock, 0.15)

    stage = Stage(
        ("OtelmonQueriesSlowerThanUsual", "warning"),
        "a table locked for 0.3 s, twice a second",
        inject,
        {"service": MAIN},
        also=(Consequence("OtelmonQueriesSlowerThanUsual", "the other services read the same table"),),
    )
    return Fault("slower-than-usual", (stage,), loops.end, uses=frozenset({SERVICES}), takes=frozenset({DATABASE}))


def database_errors(here: Situation) -> Fault:
    """A division by zero in SQL, that the application answers with 422."""
    few, many = Loops(), Loops()

    def ask() -> int:
        return here.ask(MAIN, "/faults/failing-query")

    def restore() -> None:
        few.end()
        many.end()

    labels = {"service": MAIN}
    return Fault(
        "database-errors",
        (
            Stage(
                ("OtelmonDatabaseErrors", "warning"), "20 failing queries a minute among about 900",
                lambda: few.begin(ask, 3.0), labels, event="otelmon.db.error",
            ),
            Stage(
                ("OtelmonDatabaseErrors", "critical"), "150 failing queries a minute",
                lambda: many.begin(ask, 0.4), labels, event="otelmon.db.error",
            ),
        ),
        restore,
        uses=frozenset({SERVICES}),
        takes=frozenset({PACE_OF_CALLS}),
    )  # fmt: skip


def error_budget(here: Situation) -> Fault:
    """Requests answered with 503; what they burned is paid back by many good ones."""

    def fail(share: float) -> None:
        """Lets a share of all requests that the service ever had fail, at least as many as a rule asks for."""
        for _ in range(max(FEWEST_ERRORS, int(share * requests_of(here, BURNED)))):
            here.ask(BURNED, "/faults/unavailable")

    def begin() -> None:
        succeed(here, BURNED, 400)
        fail(0.009)

    labels = {"service": BURNED}
    return Fault(
        "error-budget",
        (
            Stage(("OtelmonErrorBudgetBurn", "warning"), "0.9 % of requests answered by 503", begin, labels),
            Stage(("OtelmonErrorBudgetBurn", "critical"), "3 % answered by 503", lambda: fail(0.03), labels),
        ),
        lambda: pay_back(here, BURNED),
        uses=frozenset({SERVICES}),
        takes=frozenset({BURNED}),
    )


def succeed(here: Situation, service: str, count: int) -> None:
    """Sends requests that cannot fail."""
    for _ in range(count):
        here.ask(service, "/livez")


def pay_back(here: Situation, service: str) -> None:
    """Sends as many good requests as make the bad ones few again, as time would."""
    time.sleep(SECONDS_TO_EXPORT)
    bad = requests_of(here, service, ',http_response_status_code=~"5.."')
    succeed(here, service, max(0, int(bad / 0.004 - requests_of(here, service))))


def requests_of(here: Situation, service: str, more: str = "") -> float:
    """Returns how many requests a service has had, by its own metric; 0 where it is not known yet."""
    query = f'sum({REQUESTS}{{service_name="{service}"{more}}})'
    found = get_json(f"{here.places.victoriametrics}/api/v1/query", {"query": query})["data"]["result"]
    return float(found[0]["value"][1]) if found else 0.0


def cache_degraded(here: Situation) -> Fault:
    """A cache whose entries live for no time at all."""
    return Fault(
        "cache-degraded",
        (
            Stage(
                ("OtelmonCacheDegraded", "warning"), "a lifetime of zero in the cache of GitHub's answers",
                lambda: here.told(MAIN, "/faults/cache?forgetful=1", "PUT"), {"service": MAIN},
                event="otelmon.cache.degraded",
                also=(
                    Consequence(
                        "OtelmonGitHubBudgetBurning", "what is not kept costs a request each time", {"resource": "core"}
                    ),
                ),
            ),
        ),
        lambda: here.told(MAIN, "/faults/cache?forgetful=0", "PUT"),
        uses=frozenset({SERVICES}),
    )  # fmt: skip


def pool_pressure(here: Situation) -> Fault:
    """Connections of a pool kept, first nearly all, then all but none, then all."""
    holders = [Loops(), Loops(), Loops()]

    def hold(number: int, count: int, more: int = 0) -> None:
        for each in holders:
            each.end()
        path = f"/faults/hold?connections={count}&seconds={HELD_FOR}&more={more}"
        holders[number].begin(lambda: here.ask(POOLED, path), 0.0)

    def restore() -> None:
        for each in holders:
            each.end()
        # What was refused to usual requests.
        pay_back(here, POOLED)

    labels = {"service": POOLED}
    return Fault(
        "pool-pressure",
        (
            Stage(("OtelmonPoolPressure", "warning"), "8 of 10 connections kept", lambda: hold(0, 8), labels),
            Stage(("OtelmonPoolPressure", "critical"), "9 of 10 connections kept", lambda: hold(1, 9), labels),
            Stage(
                ("OtelmonPoolExhausted", "critical"), "10 of 10 connections kept, more asked for",
                lambda: hold(2, 10, 1), labels, event="otelmon.pool.exhausted",
                also=(Consequence("OtelmonErrorBudgetBurn", "who gets no connection is answered by 503", labels),),
            ),
        ),
        restore,
        uses=frozenset({SERVICES}),
        takes=frozenset({POOLED}),
    )  # fmt: skip


def connection_leaks(here: Situation) -> Fault:
    """Connections that a request takes and never returns."""

    def inject() -> None:
        for _ in range(3):
            here.told(POOLED, "/faults/leak", "GET")

    return Fault(
        "connection-leaks",
        (
            Stage(
                ("OtelmonConnectionLeaks", "warning"), "3 connections taken and forgotten", inject, {"service": POOLED},
                event="otelmon.connection.leaked", ripens=15.0,
            ),
        ),
        lambda: here.told(POOLED, "/faults/leak", "DELETE"),
        uses=frozenset({SERVICES}),
        takes=frozenset({POOLED}),
    )  # fmt: skip
