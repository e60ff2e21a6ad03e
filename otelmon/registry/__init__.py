"""Holds what hooks write and gauges and the watch read, in memory only."""

from __future__ import annotations

from otelmon.registry.hook_registry import HookRegistry

__all__ = ["HookRegistry"]
