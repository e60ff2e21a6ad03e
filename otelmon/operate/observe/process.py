"""The process ``otelmon observe``: a thread that observes, and a main thread that answers and hears signals."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
import time
from dataclasses import dataclass
from random import SystemRandom
from typing import TYPE_CHECKING

from otelmon import signals
from otelmon.exporters.events import emit_event
from otelmon.operate.errors import OperateError
from otelmon.operate.observe import telemetry
from otelmon.operate.observe.catalogue import LOOKS, USUAL_INTERVAL
from otelmon.operate.observe.gauges import Gauges
from otelmon.operate.observe.health import answer
from otelmon.operate.observe.http import HealthService
from otelmon.operate.observe.observer import Manner, Observer
from otelmon.operate.observe.tidings import Tidings
from otelmon.operate.observe.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.operate.observe.session import Limits
    from otelmon.operate.observe.tidings import Emit

SECONDS_TO_STOP_OBSERVING = 1.0
SECONDS_TO_SEND_THE_REST = 3.0
COUNTERS = frozenset(each.name for each in signals.POSTGRESQL_METRICS if each.instrument == "observable_counter")

_logger = logging.getLogger("otelmon.observe")


@dataclass(frozen=True, slots=True)
class Options:
    """Holds what a user chooses; the interval in seconds."""

    parameters: Mapping[str, str]
    server: Mapping[str, str | int]
    interval: float
    limits: Limits
    host: str
    port: int
    most_series: int


def observer_of(options: Options, emit: Emit, counters: frozenset[str] = COUNTERS) -> Observer:
    """Returns an observer of every view, which has not begun yet; of what is no counter the server's figure stays."""
    manner = Manner(options.limits, options.interval / USUAL_INTERVAL, SystemRandom())
    return Observer(options.parameters, LOOKS, Tidings(emit), Totals(counters), manner)


def run(options: Options) -> None:
    """Observes until SIGTERM or SIGINT, then sends what is left; at most five seconds later it is over.

    Raises:
        OperateError: the address for health is taken or is not of this machine.
    """
    sessions = telemetry.set_up(options.server, options.interval)
    observer = observer_of(options, emit_event)
    Gauges(observer.board, options.most_series).create(telemetry.meter())
    stop = threading.Event()
    thread = threading.Thread(target=observer.run, args=(stop,), daemon=True, name="otelmon-observe")
    try:
        asyncio.run(_serve(options, observer, thread))
    finally:
        stop.set()
        if thread.is_alive():
            thread.join(SECONDS_TO_STOP_OBSERVING)
        if not telemetry.shut_down(sessions, SECONDS_TO_SEND_THE_REST):
            _logger.warning("rest_not_sent seconds=%.0f", SECONDS_TO_SEND_THE_REST)


async def _serve(options: Options, observer: Observer, thread: threading.Thread) -> None:
    """Starts both halves and waits for a signal."""
    ended = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, ended.set)
    service = HealthService(lambda path: answer(path, observer.board.now, time.monotonic()))
    try:
        host, port = await service.start(options.host, options.port)
    except OSError as error:
        where = f"{options.host}:{options.port}"
        raise OperateError(
            f"health cannot be served on {where} ({error.strerror or error}): choose --health-port"
        ) from None
    _logger.info("health address=http://%s:%d", host, port)
    thread.start()
    await ended.wait()
    service.close()
