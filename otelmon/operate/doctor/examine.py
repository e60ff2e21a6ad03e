"""Examines everything, in the order in which a cause stands before its effects."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from otelmon.operate.doctor import alerting, back_ends, sending
from otelmon.operate.doctor.canary import plant
from otelmon.operate.doctor.checks.clocks import clocks
from otelmon.operate.doctor.checks.database import database
from otelmon.operate.doctor.checks.forking import forks
from otelmon.operate.doctor.checks.limits import limits
from otelmon.operate.doctor.checks.settings import settings
from otelmon.operate.doctor.checks.tracers import tracers
from otelmon.operate.doctor.checks.versions import hooks, versions
from otelmon.operate.doctor.sentry import sentry
from otelmon.operate.overview.asking import client as new_client

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.operate.doctor.canary import Planted
    from otelmon.operate.doctor.result import Result
    from otelmon.operate.overview.addresses import Addresses


def examine(environment: Mapping[str, str], addresses: Addresses, dsn: str, seconds: float) -> list[Result]:
    """Returns every verdict.

    Args:
        environment: of the application, by which the canary is sent.
        addresses: of the back ends.
        dsn: of the database, empty where it is not to be asked.
        seconds: for which a canary is waited for at each back end.
    """
    # Both start a Python, which takes most of the time.
    with ThreadPoolExecutor(1, thread_name_prefix="doctor") as pool:
        forked = pool.submit(forks, environment)
        planted = plant(environment)
        local = [*settings(environment), *limits(environment), *versions(), *hooks(), *tracers(environment)]
        local.append(forked.result())
    sent = [sending.sdk(planted, environment), sending.collector(planted, environment)]
    arrived = asyncio.run(_follow(environment, addresses, planted, seconds))
    return [*sent, *arrived, *local, *database(dsn)]


async def _follow(
    environment: Mapping[str, str], addresses: Addresses, planted: Planted, seconds: float
) -> list[Result]:
    async with new_client() as client:
        return [
            *await asyncio.gather(
                back_ends.jaeger(client, addresses, planted, seconds),
                back_ends.metrics_store(client, addresses, planted, seconds),
                sentry(client, addresses, environment),
                alerting.rules(client, addresses, time.time()),
                alerting.alertmanager(client, addresses),
            ),
            *await clocks(client, addresses),
        ]
