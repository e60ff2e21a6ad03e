"""Says for each planted fault what has to be found in which back end, and looks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.parts.waiting import wait_for
from demo.planted import FAILING_QUERY, LEAKED_CONNECTION, SLOW_QUERY, THROTTLED_CALL, PlantedFault
from demo.readback.jaeger import JaegerReader
from demo.readback.sentry import SentryReader
from demo.readback.victoriametrics import Sample, VictoriaMetricsReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.parts.stack import Stack
    from demo.readback.span import ReadSpan

JAEGER = "Jaeger"
VICTORIAMETRICS = "VictoriaMetrics"
SENTRY = "Sentry stand-in"
BACK_ENDS = (JAEGER, VICTORIAMETRICS, SENTRY)
SECONDS_TO_FIND = 45.0


@dataclass(frozen=True, slots=True)
class Sought:
    """Holds what shows one fault: attributes that one span has, a metric, and an event where there is one."""

    attributes: dict[str, str]
    metric: str
    event: str = ""


SOUGHT = {
    SLOW_QUERY: Sought({"otelmon.keep": "slow_db"}, "otelmon_db_client_slow_operations_total", "otelmon.db.slow"),
    FAILING_QUERY: Sought(
        {"otelmon.keep": "error", "db.response.status_code": "23505"},
        'db_client_operation_duration_seconds_count{error_type!=""}',
        "otelmon.db.error",
    ),
    # A refusal is an error first of all; what kind of refusal stands beside it.
    THROTTLED_CALL: Sought(
        {"otelmon.keep": "error", "otelmon.github.throttle": "primary", "otelmon.github.rate_limit.remaining": "0"},
        "otelmon_github_throttled_total",
    ),
    LEAKED_CONNECTION: Sought(
        {"otelmon.keep": "leak"}, "otelmon_db_client_connection_leaked_total", "otelmon.connection.leaked"
    ),
}
# What the parts report of themselves all the time, fault or not.
SERIES = {
    "connection pool": 'db_client_connection_count{db_client_connection_state="idle"}',
    "cache": 'otelmon_cache_requests_total{result="hit"}',
    "PostgreSQL sessions": 'otelmon_postgresql_connection_count{postgresql_state="idle"}',
    "size of the database": "postgresql_db_size_bytes",
    "GitHub budget": 'otelmon_github_rate_limit_remaining{resource="core"}',
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Holds whether one thing was found in one back end; ``evidence`` is empty when it was not."""

    what: str
    trace_id: str
    back_end: str
    evidence: str

    @property
    def found(self) -> bool:
        """Tells whether there is evidence."""
        return bool(self.evidence)


class Readers:
    """Holds a reader for each back end."""

    def __init__(self, stack: Stack) -> None:
        self.jaeger = JaegerReader(stack.jaeger.url)
        self.victoriametrics = VictoriaMetricsReader(stack.victoriametrics.url)
        self.sentry = SentryReader(stack.sentry.url)


def find_all(readers: Readers, faults: list[PlantedFault], seconds: float = SECONDS_TO_FIND) -> list[Finding]:
    """Looks for every fault in every back end, and for the usual series, until all are there or the time is over."""
    looks = [look for fault in faults for look in looks_for(readers, fault)]
    looks += [(what, "", VICTORIAMETRICS, metric_look(readers, query)) for what, query in SERIES.items()]
    evidence: dict[tuple[str, str], str] = {}

    def look_again() -> bool:
        for what, _, back_end, look in looks:
            if not evidence.get((what, back_end)):
                evidence[what, back_end] = look()
        return all(evidence.values())

    wait_for(look_again, seconds, between=0.5)
    return [Finding(what, trace_id, back_end, evidence[what, back_end]) for what, trace_id, back_end, _ in looks]


def looks_for(readers: Readers, fault: PlantedFault) -> list[tuple[str, str, str, Callable[[], str]]]:
    """Returns how one fault is looked for: name, trace, back end, and a function that returns evidence or nothing."""
    sought = SOUGHT[fault.name]

    def in_jaeger() -> str:
        return span_evidence(readers.jaeger.trace(fault.trace_id), sought)

    def in_sentry() -> str:
        span = span_evidence(readers.sentry.trace(fault.trace_id), sought)
        if not sought.event:
            return span
        event = readers.sentry.logs(event_name=sought.event, trace_id=fault.trace_id)
        return f"{span}, log {sought.event}" if span and event else ""

    return [
        (fault.name, fault.trace_id, JAEGER, in_jaeger),
        (fault.name, fault.trace_id, VICTORIAMETRICS, metric_look(readers, sought.metric)),
        (fault.name, fault.trace_id, SENTRY, in_sentry),
    ]


def span_evidence(spans: list[ReadSpan], sought: Sought) -> str:
    """Returns the name of the span that carries what is sought, and that, or nothing."""
    for span in spans:
        if all(str(span.attributes.get(name)) == value for name, value in sought.attributes.items()):
            short = (f"{name.rpartition('.')[2]}={value}" for name, value in sought.attributes.items())
            return f"{span.name} with {', '.join(short)}"
    return ""


def metric_look(readers: Readers, query: str) -> Callable[[], str]:
    """Returns a function that looks for a series and returns its value as text, or nothing."""

    def look() -> str:
        return sample_evidence(readers.victoriametrics.query(query))

    return look


def sample_evidence(samples: list[Sample]) -> str:
    """Returns the first series above zero, or nothing."""
    for sample in samples:
        if sample.value > 0:
            return f"{sample.labels.get('__name__', 'value')} = {sample.value:g}"
    return ""


def seconds_to_sentry(readers: Readers, faults: list[PlantedFault]) -> float | None:
    """Returns the time from the end of the slow query to its arrival at Sentry; None when it is not there."""
    slow = next(fault for fault in faults if fault.name == SLOW_QUERY)
    for span in readers.sentry.trace(slow.trace_id):
        if span_evidence([span], SOUGHT[SLOW_QUERY]):
            return (span.arrived_ns - span.end_ns) / 1e9
    return None
