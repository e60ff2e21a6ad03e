"""Looks at everything that health tells of this process."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from otelmon.health.check import Check, Document, overall
from otelmon.health.checks import caches, github
from otelmon.health.checks.database import Database
from otelmon.health.checks.delivery import Delivery
from otelmon.health.checks.otelmon_itself import Itself
from otelmon.health.checks.pools import Pools

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from otelmon.ledger import Counts
    from otelmon.registry import HookRegistry


class OwnState:
    """Makes the document of this process; the watch thread alone calls it.

    Args:
        registry: what hooks have seen.
        books: returns the books of every exporter by its name.
        troubles: returns for each signal why its last delivery failed, None where it did not.
        running: returns for each database call that runs since when it does, on ``perf_counter_ns``.
    """

    def __init__(
        self,
        registry: HookRegistry,
        books: Callable[[], Mapping[str, Counts]],
        troubles: Callable[[], Mapping[str, str | None]],
        running: Callable[[], Sequence[int]],
    ) -> None:
        self._registry = registry
        self._delivery = Delivery(books, troubles)
        self._database = Database(registry.operations, running, registry.settings.slow_query_threshold_ms)
        self._pools = Pools(registry)
        self._itself = Itself(registry)

    def look(self) -> Document:
        """Returns status, reasons and every check."""
        now = time.monotonic()
        checks: dict[str, Check] = {
            "delivery": self._delivery.look(now),
            "database": self._database.look(now, time.perf_counter_ns()),
            "pools": self._pools.look(time.monotonic_ns()),
            "github": github.look(self._registry),
            "caches": caches.look(self._registry),
            "otelmon": self._itself.look(now),
        }
        return {
            "status": overall(checks.values()),
            "reasons": [reason for each in checks.values() for reason in each.reasons],
            "checks": {name: each.document() for name, each in checks.items()},
        }
