"""Traces what is sent with requests, as OpenTelemetry's instrumentation does, at a fraction of its cost."""

from otelmon.hooks.requests.entry import hook

__all__ = ["hook"]
