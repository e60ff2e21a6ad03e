"""Switches otelmon on, once per process, whichever road led here; it never raises.

Three roads: the entry point ``opentelemetry_pre_instrument`` under ``opentelemetry-instrument`` (after any SDK set-up
and before any instrumentor, under every distro), the instrumentor named in ``OTEL_CONFIG_FILE``, and
``otelmon.instrument()``.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING

from opentelemetry import metrics, trace

from otelmon import guard
from otelmon.exporters.events import current_logger_provider
from otelmon.launch.activation import Activation
from otelmon.launch.configure import Sessions, configure, is_configured
from otelmon.launch.defaults import set_defaults
from otelmon.launch.forked_locks import free_locks
from otelmon.launch.quiet import hide_incoming_values, quieten_exporters
from otelmon.launch.sdk_limits import make_usable
from otelmon.launch.sentry_link import link_sentry
from otelmon.ledger import Ledger
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_logger = logging.getLogger("otelmon")
_lock = threading.RLock()
_active: Activation | None = None
_activating = False
_options: dict[str, object] = {}
_fork_handlers: set[str] = set()


def active() -> Activation | None:
    """Returns the activation of this process, or None."""
    return _active


@guard.guarded("launch.activate")
def activate(options: Mapping[str, object]) -> None:
    """Activates otelmon; a second call does nothing but say that its options came too late.

    Args:
        options: settings by field name, which win over the environment.
    """
    global _activating  # noqa: PLW0603 - one activation per process
    with _lock:
        if _active is not None:
            _say_too_late(options)
            return
        _options.update(options)
        if _activating:
            # otelmon is setting the SDK up from a configuration file, and that very file names otelmon.
            return
        _activating = True
    try:
        _activate()
    finally:
        _activating = False
        _options.clear()


def _say_too_late(options: Mapping[str, object]) -> None:
    if options:
        _logger.warning("already_active options_ignored=%s hint=set_OTELMON_variables", ",".join(sorted(options)))


def _activate() -> None:
    global _active  # noqa: PLW0603 - one activation per process
    settings, _ = Settings.from_options(os.environ, _options)
    if settings.disabled:
        return
    _watch_forks(after_in_child=_free_locks)
    ledger = Ledger()
    sessions = _set_up(settings, ledger)
    # A configuration file may have brought options meanwhile.
    settings, warnings = Settings.from_options(os.environ, _options)
    for warning in warnings:
        _logger.warning("%s", warning)
    activation = Activation(settings, ledger, sessions)
    activation.wire()
    _active = activation
    _watch_forks(after_in_child=_after_fork, after_in_parent=_has_forked)
    resource = getattr(getattr(trace.get_tracer_provider(), "resource", None), "attributes", {})
    guard.call(guard.site("launch.sentry_link"), link_sentry, os.environ, resource)


def _set_up(settings: Settings, ledger: Ledger) -> Sessions:
    """Sets the SDK up unless somebody has; where that fails the application runs on without telemetry, and is told."""
    hide_incoming_values()
    configured = is_configured()
    for warning in () if configured else make_usable(os.environ):
        _logger.warning("%s", warning)
    set_defaults(os.environ, exporters=not configured, many_events=settings.operation_log != "off")
    if configured:
        return Sessions()
    quieten_exporters()
    sessions = guard.call(guard.site("launch.configure"), configure, settings, ledger)
    if sessions is None:
        _logger.error("sdk_not_configured hint=check_OTEL_TRACES_EXPORTER_and_the_other_OTEL_variables")
        return Sessions()
    return sessions


def _watch_forks(**handlers: Callable[[], None]) -> None:
    """Registers fork handlers once: they cannot be taken back."""
    name = handlers["after_in_child"].__name__
    if name not in _fork_handlers and hasattr(os, "register_at_fork"):
        _fork_handlers.add(name)
        os.register_at_fork(**handlers)


@guard.guarded("launch.free_locks")
def _free_locks() -> None:
    """Runs before the fork handlers of an SDK that is set up here, which start its threads anew."""
    if _active is not None:
        free_locks(trace.get_tracer_provider(), metrics.get_meter_provider(), current_logger_provider())


@guard.guarded("launch.after_fork")
def _after_fork() -> None:
    if _active is not None:
        _active.after_fork()


@guard.guarded("launch.has_forked")
def _has_forked() -> None:
    if _active is not None:
        _active.has_forked()


@guard.guarded("launch.deactivate")
def deactivate() -> None:
    """Undoes the activation: every library has its own functions back, the watch thread ends, providers stay."""
    global _active
    with _lock:
        activation, _active = _active, None
        if activation is None:
            return
        for step in reversed(activation.undo):
            guard.call(guard.site("launch.undo"), step)
        activation.watch.stop()
