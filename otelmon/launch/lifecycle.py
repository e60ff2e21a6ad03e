"""What happens when the process forks and when it ends: all signals leave together, within one deadline."""

from __future__ import annotations

import atexit
import logging
import sys
import time
from typing import TYPE_CHECKING

from opentelemetry import metrics, trace

from otelmon import guard
from otelmon.exporters.events import current_logger_provider

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.exporters.session import DeliverySession
    from otelmon.launch.configure import Sessions
    from otelmon.ledger import Ledger
    from otelmon.watch.thread import Watch

_logger = logging.getLogger("otelmon")
# The watch thread works to a shorter deadline than the main thread waits for, so that its last step is still booked.
SHARE_OF_TIMEOUT = 0.9

# Of a server that ends its workers and then itself each process waits in turn, so that their sum has to stay small.
SECONDS_FOR_A_SILENT_RECEIVER = 1.0

Step = tuple[str, object, "DeliverySession | None"]


def steps(sessions: Sessions) -> list[Step]:
    """Returns the three providers with the session each exports through, where that is ours."""
    return [
        ("traces", trace.get_tracer_provider(), sessions.traces),
        ("logs", current_logger_provider(), sessions.logs),
        ("metrics", metrics.get_meter_provider(), sessions.metrics),
    ]


def take_over_exit(sessions: Sessions) -> None:
    """Removes the providers' own exit handlers, which would wait one after the other, up to 30 s each."""
    for _, provider, _ in steps(sessions):
        shutdown = getattr(provider, "shutdown", None)
        if shutdown is not None:
            atexit.unregister(shutdown)


def shut_down(sessions: Sessions, timeout: float, clock: Callable[[], float] = time.monotonic) -> None:
    """Shuts the providers down; each gets half of the time that is left, the last one all of it.

    Args:
        sessions: otelmon's own sessions, which keep to the deadline by themselves.
        timeout: seconds for all of them.
        clock: the monotonic clock of the sessions.
    """
    end = clock() + timeout * SHARE_OF_TIMEOUT
    for each in sessions.all:
        each.finish_by(end)
    # A signal whose delivery hangs right now goes last, so that it cannot take the others' time.
    waiting = sorted(steps(sessions), key=lambda step: step[2] is not None and step[2].busy)
    while waiting:
        name, provider, session = waiting.pop(0)
        if session is not None and waiting:
            session.finish_by(clock() + max(0.0, end - clock()) / 2)
        shutdown = getattr(provider, "shutdown", None)
        if shutdown is not None:
            guard.call(guard.site(f"launch.shutdown.{name}"), shutdown)


def ended_by_itself(*, forks: bool) -> bool:
    """Tells, in an exit handler, whether this process was a job that is done, rather than a server that was ended.

    An error that nobody caught is kept by the interpreter as ``sys.last_value``, Ctrl-C included. Servers that fork
    workers end them in good order whatever the reason, so neither they nor their workers are taken for jobs.

    Args:
        forks: whether this process was forked, or has forked, since otelmon was activated.
    """
    return not forks and getattr(sys, "last_value", None) is None


def patience(sessions: Sessions, timeout: float) -> float:
    """Returns the seconds that the exit may take: few where a receiver does not answer, as waiting brings nothing."""
    silent = any(each.is_silent for each in sessions.all)
    return min(timeout, SECONDS_FOR_A_SILENT_RECEIVER) if silent else timeout


def at_exit(watch: Watch, ledger: Ledger, timeout: float) -> None:
    """Lets the watch thread shut everything down, waits at most ``timeout`` seconds, and books what is left as lost."""
    watch.finish(timeout)
    lost = sum(account.write_off() for account in ledger.accounts())
    if lost:
        _logger.warning("spans_lost_at_exit spans=%d timeout_seconds=%.1f", lost, timeout)
