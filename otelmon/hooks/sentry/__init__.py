"""sentry-sdk: its errors are linked to spans, told what the database said, and sent without values."""

from __future__ import annotations

from otelmon.hooks.sentry.entry import hook

__all__ = ["hook"]
