"""Traces and counts requests that Flask answers, as OpenTelemetry's instrumentation does, at a fraction of its cost."""

from otelmon.hooks.flask.entry import hook

__all__ = ["hook"]
