"""Production performance monitoring for Python services on PostgreSQL that call the GitHub API, on OpenTelemetry."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from otelmon.launch.public import (
        github_budget,
        instrument,
        register_cache,
        register_github_session,
        register_pool,
        uninstrument,
    )
    from otelmon.records import CacheState, PoolState
    from otelmon.registry import HookRegistry
    from otelmon.settings import Settings

_HOME = {
    "CacheState": "otelmon.records",
    "HookRegistry": "otelmon.registry",
    "PoolState": "otelmon.records",
    "Settings": "otelmon.settings",
    "github_budget": "otelmon.launch.public",
    "instrument": "otelmon.launch.public",
    "register_cache": "otelmon.launch.public",
    "register_github_session": "otelmon.launch.public",
    "register_pool": "otelmon.launch.public",
    "uninstrument": "otelmon.launch.public",
}

__all__ = [
    "CacheState",
    "HookRegistry",
    "PoolState",
    "Settings",
    "github_budget",
    "instrument",
    "register_cache",
    "register_github_session",
    "register_pool",
    "uninstrument",
]


def __getattr__(name: str) -> object:
    """Imports a public name at its first use, so that ``import otelmon`` alone costs nothing."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib  # noqa: PLC0415 - only a first use pays for it

    return getattr(importlib.import_module(_HOME[name]), name)
