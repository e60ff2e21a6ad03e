"""Every alert rule, in the order in which the files of alerts/rules/ show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.alerts.catalogue import (
    caches,
    errors,
    github,
    pipeline,
    pools,
    presence,
    queries,
    replication,
    server,
)

if TYPE_CHECKING:
    from otelmon.operate.alerts.rule import Rule

RULES: tuple[Rule, ...] = (
    *queries.RULES,
    *errors.RULES,
    *pools.RULES,
    *server.RULES,
    *replication.RULES,
    *caches.RULES,
    *github.RULES,
    *pipeline.RULES,
    *presence.RULES,
)
ALERTS: tuple[str, ...] = tuple(dict.fromkeys(each.alert for each in RULES))
