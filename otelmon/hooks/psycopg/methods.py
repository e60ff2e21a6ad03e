"""What stands in front of the methods of psycopg's synchronous classes.

Each hands its arguments on as they came, so that results, errors and their texts stay psycopg's.
"""

from __future__ import annotations

import functools
from contextlib import closing, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.hooks.psycopg.blocks import Page, pause, resume

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from otelmon.hooks.psycopg.calls import StreamCall
    from otelmon.hooks.psycopg.watch import Begin, PsycopgWatch

    Method = Callable[..., Any]
    ClassMethod = classmethod[Any, Any, Any]

_BEGIN = guard.site("hooks.psycopg.begin")


def around(original: Method, begin: Begin) -> Method:
    """Returns a method that does as the original, inside its observation."""

    @functools.wraps(original)
    def observed(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg's own signature
        call = guard.call(_BEGIN, begin, self, args, options)
        if call is None:
            return original(self, *args, **options)
        with call:
            return original(self, *args, **options)

    return observed


def around_next(original: Method, begin: Begin) -> Method:
    """Returns a ``__next__`` of server-side cursors, which is a call where it fetches a page."""

    @functools.wraps(original)
    def __next__(self: Any) -> Any:  # noqa: ANN401, N807 - psycopg's own signature
        call = guard.call(_BEGIN, begin, self, (), {})
        if call is None:
            return original(self)
        with Page(self, call):
            return original(self)

    return __next__


def around_copy(original: Method, begin: Begin) -> Method:
    """Returns a ``copy`` whose call ends with its block."""

    @contextmanager
    def copy(self: Any, *args: Any, **options: Any) -> Iterator[Any]:  # noqa: ANN401 - psycopg's own signature
        call = guard.call(_BEGIN, begin, self, args, options)
        with call or nullcontext(), original(self, *args, **options) as made:
            yield made

    return functools.wraps(original)(copy)


def around_stream(original: Method, begin: Callable[..., StreamCall | None]) -> Method:
    """Returns a ``stream`` whose call lasts from the first row asked for to the last."""

    @functools.wraps(original)
    def stream(self: Any, *args: Any, **options: Any) -> Iterator[Any]:  # noqa: ANN401 - psycopg's own signature
        rows = original(self, *args, **options)
        call = guard.call(_BEGIN, begin, self, args, options)
        with closing(rows), call or nullcontext():
            for row in rows:
                pause(call)
                yield row
                resume(call)

    return stream


def around_connect(original: ClassMethod, watch: PsycopgWatch) -> ClassMethod:
    """Returns a ``connect`` whose establishment of a connection is a call.

    The original may be another instrumentation's, which is bound in its own way.
    """

    @functools.wraps(original.__func__)
    def connect(cls: type, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg's own signature
        call = guard.call(_BEGIN, watch.connecting, args, options)
        if call is None:
            return original.__get__(None, cls)(*args, **options)
        with call:
            call.session = made = original.__get__(None, cls)(*args, **options)
        return made

    return classmethod(connect)
