"""Observes every way in which psycopg 3 runs SQL."""

from __future__ import annotations

from otelmon.hooks.psycopg.entry import hook

__all__ = ["hook"]
