"""Observes every way in which psycopg2 runs SQL."""

from __future__ import annotations

from otelmon.hooks.psycopg2.entry import hook

__all__ = ["hook"]
