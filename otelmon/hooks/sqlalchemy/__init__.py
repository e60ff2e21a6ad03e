"""Adds what SQLAlchemy knows to the driver's calls, and observes those of drivers that nobody else observes."""

from __future__ import annotations

from otelmon.hooks.sqlalchemy.entry import hook

__all__ = ["hook"]
