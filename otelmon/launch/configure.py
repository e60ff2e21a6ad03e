"""Sets the SDK up where nobody has: the one file that uses the SDK's configurator, underscored but meant for distros.

Contract test: tests/contract/test_sdk.py.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.sdk._configuration import _OTelSDKConfigurator

from otelmon.exporters.session import DeliverySession

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.sdk.trace.export import SpanExporter

    from otelmon.ledger import Ledger
    from otelmon.settings import Settings

PROTOCOLS = (
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
    "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",
)


@dataclass(slots=True)
class Sessions:
    """Holds the HTTP session of each signal that otelmon itself exports; None where it does not."""

    traces: DeliverySession | None = None
    metrics: DeliverySession | None = None
    logs: DeliverySession | None = None
    all: tuple[DeliverySession, ...] = field(default=())


def is_configured() -> bool:
    """Tells whether somebody has set a tracer provider already."""
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def configure(settings: Settings, ledger: Ledger) -> Sessions:
    """Sets up providers and exporters from the environment, or from ``OTEL_CONFIG_FILE`` where that is set.

    Returns:
        The sessions of otelmon's exporters; none with a configuration file, whose exporters are its own.
    """
    if os.environ.get("OTEL_CONFIG_FILE"):
        _OTelSDKConfigurator()._configure()  # type: ignore[no-untyped-call]  # noqa: SLF001 - see the module's docstring
        return Sessions()
    # Not needed by processes of operators, which configure_plainly sets up.
    from otelmon.exporters.booking import BookingSpanExporter, whole  # noqa: PLC0415 - see above
    from otelmon.exporters.encoded_export import EncodedExport  # noqa: PLC0415 - see above
    from otelmon.exporters.span_bytes import SpanEncoder  # noqa: PLC0415 - see above
    from otelmon.processors.batching import ShortBatchSpanProcessor  # noqa: PLC0415 - see above
    from otelmon.processors.marking import MarkingSpanProcessor  # noqa: PLC0415 - see above

    sessions, arguments = _otlp_http_sessions()

    def marking(exporter: SpanExporter) -> SpanProcessor:
        account = ledger.open(exporter_name(exporter))
        session = sessions.traces if _takes(arguments, exporter) else None
        # The SDK's figures of its exporters count what is handed to them, which would be nothing.
        if session is None or _counts_exports():
            export = whole(exporter.export)
        else:
            export = EncodedExport(exporter, session, SpanEncoder())
        booking = BookingSpanExporter(export, account, session, exporter.shutdown)
        return MarkingSpanProcessor(ShortBatchSpanProcessor(booking), settings, account)

    _OTelSDKConfigurator()._configure(  # type: ignore[no-untyped-call]  # noqa: SLF001 - see the module's docstring
        export_span_processor=marking, exporter_args_map=arguments
    )
    return sessions


def configure_plainly(resource: Mapping[str, str | int]) -> Sessions:
    """Sets up a process of operators, which has no spans to mark: the SDK's own exporters on otelmon's sessions.

    Args:
        resource: attributes that stand beside those of the environment, and win over them.

    Returns:
        As ``configure``.
    """
    if os.environ.get("OTEL_CONFIG_FILE"):
        _OTelSDKConfigurator()._configure()  # type: ignore[no-untyped-call]  # noqa: SLF001 - see the module's docstring
        return Sessions()
    sessions, arguments = _otlp_http_sessions()
    _OTelSDKConfigurator()._configure(  # type: ignore[no-untyped-call]  # noqa: SLF001 - see the module's docstring
        resource_attributes=dict(resource), exporter_args_map=arguments
    )
    return sessions


def exporter_name(exporter: object) -> str:
    """Returns the name under which an exporter is booked: its package's last word and its class."""
    kind = type(exporter)
    package = kind.__module__.split(".")
    transport = next((part for part in ("http", "grpc") if part in package), "")
    return f"{kind.__name__}.{transport}" if transport else kind.__name__


def _takes(arguments: Mapping[type, Mapping[str, Any]], exporter: object) -> bool:
    return type(exporter) in arguments


def _counts_exports() -> bool:
    return os.environ.get("OTEL_PYTHON_SDK_INTERNAL_METRICS_ENABLED", "").strip().lower() == "true"


def _otlp_http_sessions() -> tuple[Sessions, dict[Any, dict[str, Any]]]:
    """Returns sessions for the OTLP/HTTP exporters and the arguments that hand them over."""
    if "http/protobuf" not in {os.environ.get(name, "").strip() for name in PROTOCOLS}:
        return Sessions(), {}
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter  # noqa: PLC0415 - only where used
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

    traces, metrics, logs = DeliverySession(), DeliverySession(), DeliverySession()
    arguments: dict[Any, dict[str, Any]] = {
        OTLPSpanExporter: {"session": traces},
        OTLPMetricExporter: {"session": metrics},
        OTLPLogExporter: {"session": logs},
    }
    return Sessions(traces, metrics, logs, (traces, metrics, logs)), arguments
