"""What happened before anybody looked: a known number of requests and faults, and what other witnesses say of them."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.request import urlopen

from demo.parts import postgres
from demo.parts.waiting import wait_for
from demo.planted import PlantedValues
from demo.readback.jaeger import JaegerReader
from demo.readback.victoriametrics import VictoriaMetricsReader
from demo.traffic import Traffic

if TYPE_CHECKING:
    from demo.parts.stack import Stack
    from demo.planted import PlantedFault
    from demo.readback.span import ReadSpan

SERVICE = "contributors"
USUAL, LEAKS, FAILING = 30, 2, 1
# The last part of the traffic is even, so that what is shown a second can be judged.
EVEN_SECONDS, EVEN_REQUESTS = 20.0, 40
SECONDS_TO_ARRIVE = 60.0
# The view of indexes is read every 40 s here.
SECONDS_TO_READ_TWICE = 120.0
NS = 1e9


@dataclass(frozen=True)
class Scenario:
    """Holds the running parts, what was planted, and the spans that Jaeger has of it; times in unix seconds."""

    stack: Stack
    faults: list[PlantedFault]
    spans: list[ReadSpan]
    even_ends: float
    metrics: VictoriaMetricsReader

    def calls(self, operation: str = "", collection: str | None = None) -> list[ReadSpan]:
        """Returns the spans of database calls; by operation, and by collection where it is named."""
        return [
            each
            for each in self.spans
            if each.attributes.get("db.system.name") == "postgresql"
            and (not operation or each.attributes.get("db.operation.name") == operation)
            and (collection is None or each.attributes.get("db.collection.name", "") == collection)
        ]

    def slow(self) -> int:
        """Returns how many calls took half a second or longer, by their spans."""
        return sum(each.end_ns - each.start_ns >= 0.5 * NS for each in self.calls() if not leaked(each))

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        """Returns the rows of a statement that the superuser runs in the service's database."""
        with postgres.administration(
            self.stack.postgres.admin_url.replace("/postgres?", f"/{postgres.DATABASE}?")
        ) as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def by_kind(self) -> Counter[tuple[str, str]]:
        """Returns how many database calls there were of each operation and collection."""
        pairs = (
            (e.attributes["db.operation.name"], e.attributes.get("db.collection.name", ""))
            for e in self.calls()
            if not leaked(e)
        )
        return Counter((str(operation), str(collection)) for operation, collection in pairs)


def leaked(span: ReadSpan) -> bool:
    """Tells whether a span is that of a leaked connection, which is no call."""
    return span.name == "connection leaked"


def play(stack: Stack) -> Scenario:
    """Sends the traffic, and waits until its last figures have arrived everywhere."""
    traffic = Traffic(stack.service, stack.github)
    metrics = VictoriaMetricsReader(stack.victoriametrics.url)
    traffic.usual(USUAL)
    faults = traffic.plant(PlantedValues())
    for _ in range(LEAKS - 1):
        traffic._send("GET", "/faults/leak")
    began = time.time()
    for number in range(EVEN_REQUESTS):
        time.sleep(max(0.0, began + number * EVEN_SECONDS / EVEN_REQUESTS - time.time()))
        traffic.reference("owner-02", "project-2")
    ended = time.time()
    spans = settled(JaegerReader(stack.jaeger.url), metrics)
    return Scenario(stack, faults, spans, ended, metrics)


def settled(jaeger: JaegerReader, metrics: VictoriaMetricsReader) -> list[ReadSpan]:
    """Returns all spans once both back ends tell of the same calls and the last leak, and scans of indexes are told."""

    def both() -> list[ReadSpan] | None:
        spans = jaeger.spans(SERVICE)
        seen = Scenario(None, [], spans, 0.0, metrics)
        counted = sum(each.value for each in metrics.query("sum(db_client_operation_duration_seconds_count)"))
        leaks = sum(each.value for each in metrics.query("sum(otelmon_db_client_connection_leaked_total)"))
        # Each usual, even and leaking request reads this table once: so many by plan.
        everything = len(seen.calls("SELECT", "repositories")) == USUAL + EVEN_REQUESTS + LEAKS
        done = everything and leaks == LEAKS and counted == sum(seen.by_kind().values())
        return spans if done else None

    found = wait_for(both, SECONDS_TO_ARRIVE, between=1.0)
    assert found, "spans and metrics never agreed"
    assert wait_for(lambda: has_scans(metrics), SECONDS_TO_READ_TWICE, between=1.0), "no scan of an index was told"
    return found


def has_scans(metrics: VictoriaMetricsReader) -> bool:
    """Tells whether the rarest view was read before and after the traffic, so that its counter has grown."""
    return any(each.value > 0 for each in metrics.query("max(rate(postgresql_index_scans_total[30m]))"))


def text_of(url: str) -> str:
    """Returns what an address answers."""
    with urlopen(url, timeout=10) as response:
        return str(response.read().decode())
