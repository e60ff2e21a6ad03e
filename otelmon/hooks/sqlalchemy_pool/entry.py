"""The hook itself; it imports SQLAlchemy only when it is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry


class SqlalchemyPoolHook:
    """Watches every pool of SQLAlchemy, those made before it and those of applications included."""

    name = "sqlalchemy_pool"
    requires = "sqlalchemy>=2.0,<2.2"

    def install(self, registry: HookRegistry) -> Callable[[], None]:
        """Listens to the events of all pools and returns the undoing."""
        from otelmon.hooks.sqlalchemy_pool.wiring import install  # noqa: PLC0415 - it imports SQLAlchemy

        return install(registry)


hook = SqlalchemyPoolHook()
