"""Watches the pools of SQLAlchemy."""

from __future__ import annotations

from otelmon.hooks.sqlalchemy_pool.entry import hook

__all__ = ["hook"]
