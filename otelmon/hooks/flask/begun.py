"""A request whose span has begun, as the instrumentation leaves it in the WSGI environment for the request's end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.context import attach, detach
from opentelemetry.trace import Status, StatusCode

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Token
    from types import TracebackType

    from opentelemetry.context import Context
    from opentelemetry.trace import Span

    from otelmon.hooks.flask.watch import FlaskWatch

_LEAVE, _END = guard.site("hooks.flask.leave"), guard.site("hooks.flask.end")


class BegunRequest:
    """Makes a span current until it is left, and ends it then; nothing is raised anew.

    Args:
        span: of the request.
        within: what is current meanwhile.
    """

    __slots__ = ("_span", "_token")

    def __init__(self, span: Span, within: Context) -> None:
        self._span = span
        self._token: Token[Context] = attach(within)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        guard.call(_LEAVE, self.end, error)

    def end(self, error: BaseException | None) -> None:
        """Ends the request.

        Args:
            error: what it ended with. What is no error to the language, such as the end of a greenlet, is none here.
        """
        detach(self._token)
        span = self._span
        try:
            if isinstance(error, Exception) and span.is_recording():
                span.record_exception(error)
                span.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {error}"))
        finally:
            span.end()


def end_current(watch: FlaskWatch, error: BaseException | None) -> bool:
    """Ends the span of the current request; False where it was not begun here.

    Args:
        watch: knows the request.
        error: as of ``BegunRequest.end``.
    """
    received, names = watch.request().environ, watch.names
    begun = received.get(names.activation)
    if begun.__class__ is not BegunRequest:
        return False
    # A copy of the request's context ends without its span.
    if received.get(names.request) == watch.identity():
        del received[names.activation]
        begun.end(error)
    return True


def ending(watch: FlaskWatch, theirs: Callable[[BaseException | None], None]) -> Callable[[BaseException | None], None]:
    """Returns what runs after each request.

    Args:
        watch: knows the request.
        theirs: the instrumentation's own function, for requests that it traces by itself.
    """

    def _teardown_request(error: BaseException | None) -> None:
        if not guard.call(_END, end_current, watch, error):
            theirs(error)

    return _teardown_request
