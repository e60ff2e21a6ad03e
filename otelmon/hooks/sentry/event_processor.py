"""Completes each event that sentry-sdk is about to send with what is known of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.hooks.sentry.facts import budget_context, database_facts, pool_context

if TYPE_CHECKING:
    from otelmon.registry import HookRegistry
    from otelmon.registry.failed_calls import FailedCall

_COMPLETE = guard.site("hooks.sentry.complete")


class EventProcessor:
    """Is called by sentry-sdk on the thread that reports an error."""

    def __init__(self, registry: HookRegistry) -> None:
        self._registry = registry

    def __call__(self, event: Any, hint: Any) -> Any:  # noqa: ANN401 - sentry-sdk's own types are optional
        """Returns the event with what is known of the database."""
        if event.get("type") is None:
            guard.call(_COMPLETE, self._complete, event, hint)
        return event

    def _complete(self, event: dict[str, Any], hint: dict[str, Any]) -> None:
        contexts = event.setdefault("contexts", {})
        for name, context in (
            ("connection pools", pool_context(self._registry)),
            ("github budget", budget_context(self._registry)),
        ):
            if context:
                contexts[name] = context
        error = (hint.get("exc_info") or (None, None, None))[1]
        failed = self._registry.failed_calls.of(error)
        if failed is not None:
            _tell(event, failed)
            self._registry.failed_calls.report(error)


def _tell(event: dict[str, Any], failed: FailedCall) -> None:
    """Adds the facts of the failed call, its trace where the event has another, and what groups events to one issue."""
    facts = database_facts(failed.attributes)
    contexts = event["contexts"]
    contexts["database"] = {**facts.context, "span_id": f"{failed.span.span_id:016x}"}
    event["tags"] = {**(event.get("tags") or {}), **facts.tags}
    trace_id = f"{failed.span.trace_id:032x}"
    known = contexts.get("trace") or {}
    if failed.span.trace_id and known.get("trace_id") != trace_id:
        # The error is reported after its span has ended, or elsewhere: it belongs where it happened.
        contexts["trace"] = {**known, "trace_id": trace_id, "span_id": f"{failed.span.span_id:016x}"}
    event.setdefault("fingerprint", ["otelmon.db.error", *facts.issue])
