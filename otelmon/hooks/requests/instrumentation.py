"""Stands before opentelemetry-instrumentation-requests where it was asked for nothing special.

Hooks of the application, captured headers and the older semantic conventions stay with it altogether, and so does each
request that is not sampled, is excluded, or is made below nothing.
Contract test: tests/contract/test_requests_spans.py.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace import Tracer as SdkTracer
from requests.sessions import Session

from otelmon import guard
from otelmon.hooks.http_durations import durations_of
from otelmon.hooks.patching import patch, undo_all
from otelmon.hooks.requests.sending import sending
from otelmon.hooks.requests.watch import RequestsWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from otelmon.hooks.http_durations import CountedDurations, RecordedDurations
    from otelmon.registry import HookRegistry

_STAND = guard.site("hooks.requests.stand_before")
_INSTRUMENT = "_instrument"
# Its mark on a function that stands for another one, by which it finds what to put back.
_APPLIED = "opentelemetry_instrumentation_requests_applied"
_SPECIAL = ("request_hook", "response_hook", "captured_request_headers", "captured_response_headers")


def take_over(module: Any, registry: HookRegistry) -> Callable[[], None]:  # noqa: ANN401 - upstream's module, untyped
    """Stands before it from its next start on, and returns the undoing."""
    original = getattr(module, _INSTRUMENT)
    watches: list[RequestsWatch] = []

    @functools.wraps(original)
    def _instrument(*args: Any, **options: Any) -> None:  # noqa: ANN401 - upstream's signature
        plain = Session.send
        durations = guard.call(_STAND, _durations_wanted, args, options, registry)
        if durations is None:
            original(*args, **options)
            return
        tracer, of_older_names, _ = args
        # What it sends by itself is counted in the same place.
        original(tracer, of_older_names, durations.instrument, **options)
        watch = guard.call(_STAND, _stand_before, plain, tracer, durations, options["excluded_urls"], registry)
        if watch is not None:
            watches.append(watch)

    def switch_off() -> None:
        for watch in watches:
            watch.is_on = False

    return undo_all([switch_off, patch(module, _INSTRUMENT, _instrument)])


def _durations_wanted(
    given: Sequence[Any], options: Mapping[str, Any], registry: HookRegistry
) -> CountedDurations | RecordedDurations | None:
    """Returns what counts requests; None where the instrumentation has to do everything."""
    tracer, of_older_names, duration = given
    if any(options[each] for each in _SPECIAL) or of_older_names is not None or duration is None:
        return None
    if registry.finished_span_takers is None or not isinstance(tracer, SdkTracer):
        return None
    return durations_of(duration, registry)


def _stand_before(
    plain: Callable[..., Any],
    tracer: SdkTracer,
    durations: CountedDurations | RecordedDurations,
    excluded: Any,  # noqa: ANN401 - upstream's list, untyped
    registry: HookRegistry,
) -> RequestsWatch | None:
    """Puts a function before the instrumentation's own."""
    takers = registry.finished_span_takers
    if takers is None:
        return None
    watch = RequestsWatch(tracer, takers(tracer), durations, excluded, registry)
    send: Any = sending(watch, plain, Session.send)
    # By both it is found and taken off again.
    send.__wrapped__ = plain
    setattr(send, _APPLIED, True)
    Session.send = send  # type: ignore[method-assign]  # as upstream does
    return watch
