"""Holds what hooks write and gauges and the watch read, in memory only."""

from __future__ import annotations

from otelmon.registry.cache_book import CacheBook
from otelmon.registry.hook_registry import HookRegistry

__all__ = ["CacheBook", "HookRegistry"]
