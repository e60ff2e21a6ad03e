"""Puts event processor and gate into sentry-sdk, links its events to spans, and makes issues of slow statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sentry_sdk
import wrapt
from opentelemetry import trace
from sentry_sdk import scope as sentry_scope

from otelmon import guard
from otelmon.hooks.patching import patch, undo_all
from otelmon.hooks.sentry.event_processor import EventProcessor
from otelmon.hooks.sentry.gate import stand_in_front
from otelmon.hooks.sentry.slow_issues import SlowIssues

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry

_GATE = guard.site("hooks.sentry.gate")
_IDS = guard.site("hooks.sentry.ids")


def install(registry: HookRegistry) -> Callable[[], None]:
    """Watches every client of this process from now on, and returns the undoing."""
    processor = EventProcessor(registry)
    sentry_scope.add_global_event_processor(processor)

    def remove() -> None:
        if processor in sentry_scope.global_event_processors:
            sentry_scope.global_event_processors.remove(processor)

    gates = _Gates()
    registry.failed_calls.is_wanted = True
    registry.on_slow = SlowIssues().told

    def stop() -> None:
        registry.failed_calls.is_wanted = False
        registry.on_slow = None

    return undo_all([remove, stop, _link(), gates.install()])


class _Gates:
    """Puts gates before every client: the one that is there, and each that is set from now on."""

    def __init__(self) -> None:
        self._is_on = True

    def install(self) -> Callable[[], None]:
        """Watches clients and returns the undoing; gates that are in place let everything pass then."""
        self._close(sentry_sdk.get_client())
        original = sentry_scope.Scope.set_client
        undo = patch(sentry_scope.Scope, "set_client", wrapt.FunctionWrapper(original, self._set))

        def switch_off() -> None:
            self._is_on = False
            undo()

        return switch_off

    def _set(self, wrapped: Callable[..., object], _: object, args: tuple[Any, ...], options: dict[str, Any]) -> object:
        client = args[0] if args else options.get("client")
        guard.call(_GATE, self._close, client)
        return wrapped(*args, **options)

    def _close(self, client: object) -> None:
        known = getattr(client, "options", None)
        if isinstance(known, dict) and known.get("dsn") is not None:
            stand_in_front(known, lambda: self._is_on)


def _link() -> Callable[[], None]:
    """Gives events the ids of the current span, unless somebody does so already (sentry-sdk's OTLPIntegration)."""
    if sentry_scope.has_external_propagation_context():
        return lambda: None
    sentry_scope.register_external_propagation_context(_ids)
    return sentry_scope.remove_external_propagation_context


def _ids() -> tuple[str, str] | None:
    return guard.call(_IDS, _ids_of_current_span)


def _ids_of_current_span() -> tuple[str, str] | None:
    context = trace.get_current_span().get_span_context()
    return (f"{context.trace_id:032x}", f"{context.span_id:016x}") if context.is_valid else None
