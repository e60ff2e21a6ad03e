"""Stands before opentelemetry-instrumentation-flask where it was asked for nothing special.

It makes an application's functions by three functions of its own. Each is replaced by one that makes them too, and puts
ours before them unless a hook of the application, a captured header or the older semantic conventions were asked for.
A request goes by either, and leaves the same in its WSGI environment.
Contract test: tests/contract/test_flask_spans.py.
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace import Tracer as SdkTracer
from opentelemetry.util.http import (
    OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST,
    OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE,
    get_custom_headers,
)

from otelmon import guard
from otelmon.calls.server_spans import ServerSpans
from otelmon.hooks.flask.begun import ending
from otelmon.hooks.flask.durations import Durations
from otelmon.hooks.flask.serving import Serving, application
from otelmon.hooks.flask.spans import RequestSpans, beginning
from otelmon.hooks.flask.watch import FlaskWatch
from otelmon.hooks.patching import patch, undo_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from otelmon.registry import HookRegistry

    Made = Callable[..., Any]

_STAND = guard.site("hooks.flask.stand_before")
_CAPTURED = (
    OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST,
    OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE,
)


def take_over(module: Any, registry: HookRegistry) -> Callable[[], None]:  # noqa: ANN401 - upstream's module, untyped
    """Stands before it for applications that it instruments from now on, and returns the undoing."""
    watch = FlaskWatch(module)

    def switch_off() -> None:
        watch.is_on = False

    steps = [
        patch(module, name, _standing(getattr(module, name), functools.partial(stand, watch, registry)))
        for name, stand in _STANDS.items()
    ]
    return undo_all([switch_off, *steps])


def _standing(theirs: Made, stand: Callable[[Made, Mapping[str, Any]], Made | None]) -> Made:
    """Returns what makes the same function as the instrumentation, and puts ours before it where it may."""
    signature = inspect.signature(theirs)

    @functools.wraps(theirs)
    def made(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - upstream's signature
        function = theirs(*args, **options)
        ours = guard.call(_STAND, _stood, signature, stand, function, args, options)
        return function if ours is None else ours

    return made


def _stood(
    signature: inspect.Signature,
    stand: Callable[[Made, Mapping[str, Any]], Made | None],
    function: Made,
    args: tuple[Any, ...],
    options: Mapping[str, Any],
) -> Made | None:
    given = signature.bind(*args, **options)
    given.apply_defaults()
    return stand(function, given.arguments)


def _is_special(watch: FlaskWatch, given: Mapping[str, Any], hook: str) -> bool:
    is_stable = given["sem_conv_opt_in_mode"] is watch.mode
    return bool(given[hook]) or not is_stable or any(map(get_custom_headers, _CAPTURED))


def _stand_application(
    watch: FlaskWatch, registry: HookRegistry, theirs: Made, given: Mapping[str, Any]
) -> Made | None:
    duration = given["duration_histogram_new"]
    if _is_special(watch, given, "response_hook") or given["duration_histogram_old"] is not None or duration is None:
        return None
    counter = given["active_requests_counter"]
    durations = Durations(duration.record, registry.in_place_of(duration))
    serving = Serving(watch, registry.late_sums.of(counter, counter.add), durations, _excluding(given["excluded_urls"]))
    return application(serving, given["wsgi_app"], theirs)


def _stand_beginning(watch: FlaskWatch, registry: HookRegistry, theirs: Made, given: Mapping[str, Any]) -> Made | None:
    tracer, takers = given["tracer"], registry.finished_span_takers
    if _is_special(watch, given, "request_hook") or takers is None or not isinstance(tracer, SdkTracer):
        return None
    comment = (given["commenter_options"] or {}) if given["enable_commenter"] else None
    spans = ServerSpans(tracer, takers(tracer))
    return beginning(RequestSpans(watch, spans, _excluding(given["excluded_urls"]), comment), theirs)


def _stand_ending(watch: FlaskWatch, _: HookRegistry, theirs: Made, __: Mapping[str, Any]) -> Made:
    return ending(watch, theirs)


def _excluding(excluded: Any) -> Any:  # noqa: ANN401 - upstream's list, untyped
    """Returns a list of addresses, or None where it is empty, so that no request has to find out its address."""
    return excluded if getattr(excluded, "_excluded_urls", True) else None


_STANDS = {
    "_rewrapped_app": _stand_application,
    "_wrapped_before_request": _stand_beginning,
    "_wrapped_teardown_request": _stand_ending,
}
