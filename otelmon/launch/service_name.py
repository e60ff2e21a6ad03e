"""The name of the service, as the tracer provider knows it."""

from __future__ import annotations

from opentelemetry import trace

UNKNOWN = "unknown_service"


def service_name() -> str:
    """Returns ``service.name``."""
    resource = getattr(trace.get_tracer_provider(), "resource", None)
    attributes = getattr(resource, "attributes", {})
    return str(attributes.get("service.name", UNKNOWN))
