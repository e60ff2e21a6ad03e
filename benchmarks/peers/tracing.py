"""How each peer makes the span of a request, and how it is told to send what it holds."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

ROOT_NAME = "request"
SECONDS_TO_FLUSH = 60


class Tracing:
    """Does nothing; each peer replaces what it does.

    ``hand_made`` makes a span around a query where the peer knows no instrumentation of the driver, else it is None.
    """

    hand_made: Callable[[str], AbstractContextManager[Any]] | None = None

    def root(self) -> AbstractContextManager[Any]:
        """Returns what plays the part of a request."""
        return contextlib.nullcontext()

    def flush(self) -> None:
        """Sends what waits, so that its cost is counted."""

    def export_metrics(self) -> None:
        """Collects metrics and sends them once, where there are any."""

    def watch_cache(self, name: str, cache: object) -> None:
        """Observes a cache, where the peer can."""


class OpenTelemetry(Tracing):
    """Serves plain OpenTelemetry, whose wrapper has set everything up."""

    def __init__(self) -> None:
        from opentelemetry import metrics, trace  # noqa: PLC0415 - other environments do not have it

        self._tracer = trace.get_tracer("benchmark")
        self._spans, self._metrics = trace.get_tracer_provider(), metrics.get_meter_provider()

    def root(self) -> AbstractContextManager[Any]:
        """Starts a span as the current one."""
        return self._tracer.start_as_current_span(ROOT_NAME)

    def flush(self) -> None:
        """Sends what waits of spans; metrics go by the clock, and what that costs is measured by itself."""
        self._spans.force_flush()

    def export_metrics(self) -> None:
        """Collects and sends."""
        self._metrics.force_flush()


class Otelmon(OpenTelemetry):
    """Serves otelmon, which its wrapper has switched on."""

    def watch_cache(self, name: str, cache: object) -> None:
        """Registers the cache."""
        import otelmon  # noqa: PLC0415 - as above

        otelmon.register_cache(name, cache)


class Logfire(OpenTelemetry):
    """Serves Logfire, which sends to the endpoint of OTEL_EXPORTER_OTLP_ENDPOINT and not to its makers."""

    def __init__(self) -> None:
        import logfire  # noqa: PLC0415 - as above

        logfire.configure(send_to_logfire=False, console=False, inspect_arguments=False)
        for library in ("psycopg2", "psycopg"):
            logfire.instrument_psycopg(library)
        logfire.instrument_asyncpg()
        logfire.instrument_sqlalchemy()
        logfire.instrument_requests()
        super().__init__()


class Datadog(Tracing):
    """Serves ddtrace, whose wrapper has patched the libraries."""

    def __init__(self) -> None:
        from ddtrace.trace import tracer  # noqa: PLC0415 - as above

        self._tracer = tracer

    def root(self) -> AbstractContextManager[Any]:
        """Starts a span as the current one."""
        return self._tracer.trace(ROOT_NAME)

    def flush(self) -> None:
        """Sends what waits."""
        self._tracer.flush()


class Sentry(Tracing):
    """Serves sentry-sdk with every transaction kept."""

    def __init__(self) -> None:
        import sentry_sdk  # noqa: PLC0415 - as above

        # A queue that holds all, and so many spans a transaction: what is compared must have been delivered.
        sentry_sdk.init(dsn=os.environ["BENCHMARK_SENTRY_DSN"], traces_sample_rate=1.0, transport_queue_size=100_000)
        self._sdk = sentry_sdk

    def root(self) -> AbstractContextManager[Any]:
        """Starts a transaction as the current one."""
        return self._sdk.start_transaction(op="task", name=ROOT_NAME)

    def hand_made(self, query: str) -> AbstractContextManager[Any]:
        """Starts a span around a query: sentry-sdk does not observe psycopg2 and psycopg."""
        return self._sdk.start_span(op="db", name=query)

    def flush(self) -> None:
        """Sends what waits."""
        self._sdk.flush(SECONDS_TO_FLUSH)


class NewRelic(Tracing):
    """Serves New Relic's agent in its developer mode, in which it talks to nobody."""

    def __init__(self) -> None:
        import newrelic.agent  # noqa: PLC0415 - as above

        self._application = newrelic.agent.register_application(timeout=SECONDS_TO_FLUSH)
        self._agent = newrelic.agent

    def root(self) -> AbstractContextManager[Any]:
        """Starts a transaction as the current one."""
        return self._agent.BackgroundTask(self._application, ROOT_NAME)


KINDS: dict[str, type[Tracing]] = {
    "none": Tracing,
    "opentelemetry": OpenTelemetry,
    "otelmon": Otelmon,
    "logfire": Logfire,
    "ddtrace": Datadog,
    "sentry": Sentry,
    "newrelic": NewRelic,
}


def tracing_of(kind: str) -> Tracing:
    """Returns the tracing of a variant."""
    return KINDS[kind]()
