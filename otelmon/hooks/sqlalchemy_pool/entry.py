"""The hook itself; it touches SQLAlchemy only when the application imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.hooks.late_hook import LateHook

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry


class SqlalchemyPoolHook(LateHook):
    """Watches every pool of SQLAlchemy, those made before it and those of applications included."""

    name = "sqlalchemy_pool"
    requires = "sqlalchemy>=2.0,<2.2"
    library = "sqlalchemy"

    def wire(self, registry: HookRegistry) -> Callable[[], None]:
        """Listens to the events of all pools and returns the undoing."""
        from otelmon.hooks.sqlalchemy_pool.wiring import install  # noqa: PLC0415 - it imports SQLAlchemy

        return install(registry)


hook = SqlalchemyPoolHook()
