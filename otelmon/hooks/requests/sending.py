"""What stands in the place of ``Session.send``."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.hooks.requests.watch import RequestsWatch

_BEGIN = guard.site("hooks.requests.begin")


def sending(watch: RequestsWatch, plain: Callable[..., object], traced: Callable[..., object]) -> Callable[..., object]:
    """Returns a function for ``Session.send``.

    Args:
        watch: begins calls.
        plain: sends without a span.
        traced: sends with the instrumentation's own span, where the watch wants none.
    """
    begin = watch.begin

    @functools.wraps(plain)
    def send(self: Any, request: Any, **options: Any) -> Any:  # noqa: ANN401 - requests' own signature
        call = guard.call(_BEGIN, begin, request)
        if call is None:
            return traced(self, request, **options)
        with call:
            call.response = response = plain(self, request, **options)
        return response

    return send
