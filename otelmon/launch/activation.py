"""Holds what one activation has wired together: for the exit, for forks, and for undoing it."""

from __future__ import annotations

import atexit
import time
from importlib.metadata import version
from typing import TYPE_CHECKING

from opentelemetry import metrics, trace
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from otelmon import guard
from otelmon.calls.leaf_spans import LeafSpans
from otelmon.calls.recorder import CallRecorder
from otelmon.exporters.events import emit_event
from otelmon.hooks.calling_line import calling_line, line_of_thread
from otelmon.launch import lifecycle
from otelmon.launch.adopt import Adoption
from otelmon.launch.call_events import CallEvents
from otelmon.launch.child_exit import ChildExit
from otelmon.launch.diagnosis import WATCH_INTERVAL, diagnosis_of
from otelmon.launch.figures import deliver_figures
from otelmon.launch.finished_spans import FinishedSpans
from otelmon.launch.health import open_health
from otelmon.launch.hooks import install_hooks
from otelmon.launch.logs import set_up_logs
from otelmon.launch.overhead import OverheadLimit
from otelmon.launch.promotion import promote_ancestors
from otelmon.launch.request_spans import watch_requests
from otelmon.launch.service_name import service_name
from otelmon.launch.signs_of_life import SignsOfLife
from otelmon.processors.inherited_spans import note_inherited
from otelmon.registry import HookRegistry
from otelmon.registry.requests import root_of
from otelmon.watch.caches import CacheReports
from otelmon.watch.github import GitHubReports
from otelmon.watch.pools import PoolReports
from otelmon.watch.running import report_running
from otelmon.watch.thread import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.launch.configure import Sessions
    from otelmon.ledger import Ledger
    from otelmon.settings import Settings
    from otelmon.watch.thread import Task

# Half a second after its threshold a running call is told of at the latest.
LONGEST_WATCH_INTERVAL = 0.5


class Activation:
    """Holds what one activation has wired together, for forks, exit and undoing."""

    def __init__(self, settings: Settings, ledger: Ledger, sessions: Sessions) -> None:
        self.settings = settings
        self.ledger = ledger
        self.sessions = sessions
        self.registry = HookRegistry(settings)
        self.undo: list[Callable[[], None]] = []
        self._forks = False
        self._ended = 0
        # Before any tracer is made: each takes the sampler that its provider has then.
        self.undo.append(promote_ancestors(trace.get_tracer_provider(), self.registry.promoted))
        self.undo.append(watch_requests(trace.get_tracer_provider(), self.registry.requests))
        self._tracer = trace.get_tracer("otelmon", version("otelmon"))
        self.registry.finished_span_takers = lambda tracer: FinishedSpans(tracer).takers
        self.call_events = CallEvents(self.registry)
        self.recorder = self.registry.calls = CallRecorder(
            self.registry,
            LeafSpans(
                self._tracer, InstrumentationScope("otelmon", version("otelmon")), FinishedSpans(self._tracer).takers
            ),
            emit_event,
            calling_line,
            self.call_events.operation_log,
        )
        self.pool_reports = PoolReports(self.registry, self._tracer, emit_event)
        self.diagnosis = diagnosis_of(self.registry, self.recorder.in_flight, emit_event)
        self.overhead = OverheadLimit(self.registry, self.recorder)
        self.cache_reports = CacheReports(self.registry, emit_event)
        self.signs_of_life = SignsOfLife(settings, self._tracer, self.registry.promoted)
        self.health = open_health(self.registry, ledger, sessions, self.recorder.in_flight, service_name)
        self._child_exit = ChildExit(self.exit)
        github = GitHubReports(self.registry, emit_event)
        self.registry.github.report_to(emit_event, github.low, github.near)
        self.watch = Watch(
            self._tasks(github),
            self._shut_down,
            interval=min(
                LONGEST_WATCH_INTERVAL if self.diagnosis is None else WATCH_INTERVAL, settings.leak_after_ms / 4000
            ),
        )

    def _tasks(self, github: GitHubReports) -> list[Task]:
        return [
            ("running", self._report_running),
            *self.call_events.tasks(),
            *self.pool_reports.tasks(),
            *self.cache_reports.tasks(),
            *github.tasks(),
            *self.signs_of_life.tasks(),
            *self.overhead.tasks(),
            *(self.health.tasks() if self.health is not None else ()),
        ]

    def _shut_down(self) -> None:
        # First, so that another worker answers while this one still delivers.
        if self.health is not None:
            self.health.finish()
        if self.diagnosis is not None:
            self.diagnosis.diagnostics.close()
        self.pool_reports.finish()
        self.signs_of_life.finish()
        self.call_events.finish()
        lifecycle.shut_down(self.sessions, self.settings.shutdown_timeout_ms / 1000)

    def _report_running(self) -> None:
        if self.diagnosis is not None:
            self.diagnosis.report_running()
            return
        threshold = self.settings.slow_query_threshold_ms
        report_running(self.recorder.in_flight.slow(time.perf_counter_ns(), threshold, line_of_thread), emit_event)

    def wire(self) -> None:
        """Connects the rooms: spans are marked, hooks write, gauges read, the watch runs, the exit is ours."""
        adoption = Adoption(self.settings, self.ledger)
        adoption.install()
        self.undo.append(adoption.undo)
        self.undo.extend(install_hooks(self.registry, self.settings))
        self.undo.append(set_up_logs(self.settings))
        self.undo.append(
            deliver_figures(
                metrics.get_meter_provider(),
                InstrumentationScope("otelmon", version("otelmon")),
                self.registry,
                heartbeat=lambda: self.watch.beat,
                spans=self.ledger.snapshot,
                ended=lambda: self._ended,
            )
        )
        self.registry.readers.start()
        self.undo += (self.registry.readers.stop, self.registry.observed_caches.undo, self.signs_of_life.finish)
        if self.diagnosis is not None:
            self.undo.append(self.diagnosis.diagnostics.close)
        if self.health is not None:
            self.undo.append(self.health.finish)
        lifecycle.take_over_exit(self.sessions)
        atexit.register(self.exit)
        self.undo.append(lambda: atexit.unregister(self.exit))
        self.overhead.start()
        self.undo.append(self.overhead.undo)
        self.watch.start()

    def exit(self) -> None:
        """Runs when the interpreter ends, or a child that ends without exit handlers."""
        if lifecycle.ended_by_itself(forks=self._forks):
            self._ended = int(time.time())
        timeout = lifecycle.patience(self.sessions, self.settings.shutdown_timeout_ms / 1000)
        guard.call(guard.site("launch.exit"), lifecycle.at_exit, self.watch, self.ledger, timeout)

    def after_fork(self) -> None:
        """Runs in a forked child: nothing of the parent is counted or sent twice."""
        guard.reset()
        self._forks = True
        note_inherited(root_of(trace.get_current_span()))
        self.ledger.after_fork()
        self.registry.after_fork()
        self.recorder.in_flight.clear()
        self.call_events.after_fork()
        self.overhead.after_fork()
        if self.diagnosis is not None:
            self.diagnosis.diagnostics.after_fork()
        for session in self.sessions.all:
            session.after_fork()
        if self.health is not None:
            self.health.after_fork()
        self._child_exit.after_fork()
        self.watch.after_fork()

    def has_forked(self) -> None:
        """Runs in the parent after each fork."""
        self._forks = True
        if self.health is not None:
            self.health.has_forked()
