"""Has children of multiprocessing and workers of Celery deliver, which end by ``os._exit`` but tell those who asked.

Python runs no exit handlers there. Whoever calls ``os._exit`` by itself tells nobody, and loses what is queued.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

# Below every other: whoever else ends something there may make spans of it.
LAST = -1_000


class ChildExit:
    """Asks to be told of the end of this process, in each forked child anew.

    Args:
        deliver: is called at the end; must not raise and returns in time.
    """

    def __init__(self, deliver: Callable[[], None]) -> None:
        self._deliver = deliver
        self._asked = False

    def after_fork(self) -> None:
        """Runs in a forked child, before multiprocessing or Celery do there what they do first."""
        self._ask_multiprocessing()
        self._ask_celery()

    def _ask_multiprocessing(self) -> None:
        """Registers a finalizer.

        Source: multiprocessing/process.py, BaseProcess._bootstrap, and popen_fork.py: finalizers, then os._exit.
        """
        util = sys.modules.get("multiprocessing.util")
        if util is None or self._asked:
            return
        # What a child inherits of this registry it keeps, and hands down.
        self._asked = True
        # Run by multiprocessing after this, once it has forgotten the parent's finalizers.
        util.register_after_fork(self, lambda child_exit: child_exit.deliver_last(util))

    def deliver_last(self, util: ModuleType) -> None:
        """Has the finalizers of multiprocessing end with the delivery."""
        util.Finalize(None, self._deliver, exitpriority=LAST)

    def _ask_celery(self) -> None:
        """Connects to the signal that a prefork worker sends before it ends, also after its last task.

        Source: billiard/pool.py, Worker._do_exit: on_exit, then os._exit; celery/concurrency/prefork.py.
        """
        signals = sys.modules.get("celery.signals")
        if signals is not None:
            signals.worker_process_shutdown.connect(self._told_by_celery, weak=False)

    def _told_by_celery(self, **_: Any) -> None:  # noqa: ANN401 - the arguments of a signal, which grow
        self._deliver()
