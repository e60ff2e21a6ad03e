"""Observes every way in which asyncpg runs SQL."""

from __future__ import annotations

from otelmon.hooks.asyncpg.entry import hook

__all__ = ["hook"]
