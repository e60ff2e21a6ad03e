"""Every fault of a drill, those first that take longest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.drill import application, github, pipeline, presence, queue, servers, standbys
from demo.drill.situation import Situation, Traffic
from demo.parts.errors import PartError
from otelmon.operate.drill.watching import Addresses
from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from pathlib import Path

    from otelmon.operate.drill.fault import Fault

MAKERS = (
    standbys.lag,
    queue.slow_backend,
    application.error_budget,
    servers.server_connections,
    servers.wraparound,
    application.pool_pressure,
    application.slow_queries,
    application.database_errors,
    servers.idle_in_transaction,
    pipeline.disk_nearly_full,
    pipeline.export_failing,
    pipeline.collector_overrun,
    application.cache_degraded,
    github.used,
    github.exhausted,
    pipeline.backend_down,
    presence.database_down,
    presence.observer_blind,
    presence.service_silent,
    servers.blocking_chain,
    servers.database_cache_hit,
    servers.statement_slower,
    github.burning,
    github.secondary_near,
    github.throttled,
    application.connection_leaks,
    application.slower_than_usual,
    pipeline.spans_lost,
    pipeline.canary_absent,
    presence.watcher_stopped,
    presence.network_cut,
    standbys.gone,
    presence.observer_absent,
    presence.collector_absent,
    presence.alerting_silent,
)


def faults(here: Situation) -> list[Fault]:
    """Returns every fault against a running stack."""
    return [make(here) for make in MAKERS]


def traffic(here: Situation) -> Traffic:
    """Returns a context in which every service gets usual requests."""
    return Traffic(here)


def addresses(here: Situation) -> Addresses:
    """Returns what a drill watches."""
    places = here.places
    return Addresses(
        places.vmalert, f"{places.notifications}/notifications", f"{places.sentry}/api/0/logs",
        store=places.victoriametrics, alertmanager=places.alertmanager,
    )  # fmt: skip


def situation(directory: Path) -> Situation:
    """Returns the stack that runs in a directory.

    Raises:
        OperateError: none does.
    """
    try:
        return Situation.at(directory)
    except PartError as error:
        raise OperateError(str(error)) from error
