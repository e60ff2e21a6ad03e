"""Ends the calls of pipeline mode when their results come, which is in the order in which they were sent.

psycopg tells nobody publicly of a single result, so a private function is stood in front of, here only;
tests/contract holds it against the release. Without it calls end when the pipeline is synchronized.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import AsyncPipeline, Pipeline
from psycopg.errors import PipelineAborted

from otelmon import guard
from otelmon.hooks.patching import patch
from otelmon.hooks.psycopg.calls import PENDING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from otelmon.hooks.psycopg.calls import PsycopgCall

_RESULT = guard.site("hooks.psycopg.pipeline")
_PRIVATE = "_process_results"
_BASE: Any = Pipeline.__mro__[1]


def patches() -> list[Callable[[], None]]:
    """Stands in front of what takes results, and returns what undoes it."""
    steps = [
        patch(Pipeline, "sync", _synchronized(Pipeline.sync)),
        patch(Pipeline, "__exit__", _synchronized(Pipeline.__exit__)),
        patch(AsyncPipeline, "sync", _synchronized_async(AsyncPipeline.sync)),
        patch(AsyncPipeline, "__aexit__", _synchronized_async(AsyncPipeline.__aexit__)),
    ]
    if hasattr(_BASE, _PRIVATE):
        steps.append(patch(_BASE, _PRIVATE, _taking(getattr(_BASE, _PRIVATE))))
    return steps


def _taking(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def _process_results(self: Any, queued: Any, results: Any) -> Any:  # noqa: ANN401 - psycopg's own signature
        cursor = queued[0] if queued else None
        try:
            done = original(self, queued, results)
        except psycopg.Error as error:
            guard.call(_RESULT, _arrived, self._conn, cursor, error)
            raise
        if cursor is not None:
            guard.call(_RESULT, _arrived, self._conn, cursor, None)
        return done

    return _process_results


def _arrived(connection: Any, cursor: Any, error: BaseException | None) -> None:  # noqa: ANN401 - any classes of psycopg's
    """Ends the call whose result has come, and those before it; an error without a cursor is the oldest call's."""
    pending: list[PsycopgCall] = connection.__dict__.get(PENDING) or []
    place = 0 if cursor is None else next((at for at, call in enumerate(pending) if call.asked_by is cursor), None)
    if not pending or place is None:
        return
    call = pending[place]
    _end(pending[:place], None)
    if error is None and call.has_many_results:
        del pending[:place]
        return
    del pending[: place + 1]
    call.end(error)


class _Synchronizing:
    """A block around a synchronization, after which nothing is waited for."""

    __slots__ = ("_pipeline",)

    def __init__(self, pipeline: Any) -> None:  # noqa: ANN401 - of either kind
        self._pipeline = pipeline

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        guard.call(_RESULT, _over, self._pipeline, error)


def _synchronized(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def synchronized(self: Any, *args: Any) -> Any:  # noqa: ANN401 - psycopg's own signature
        with _Synchronizing(self):
            return original(self, *args)

    return synchronized


def _synchronized_async(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def synchronized(self: Any, *args: Any) -> Any:  # noqa: ANN401 - psycopg's own signature
        with _Synchronizing(self):
            return await original(self, *args)

    return synchronized


def _over(pipeline: Any, error: BaseException | None) -> None:  # noqa: ANN401 - of either kind
    """Ends what is left once the pipeline is synchronized; after an error the server has run none of it."""
    pending = pipeline._conn.__dict__.pop(PENDING, ())  # noqa: SLF001 - see the module's docstring
    # The error itself is that of the call that caused it, which has ended with it.
    _end(pending, error and PipelineAborted("pipeline aborted"))


def _end(calls: Iterable[PsycopgCall], error: BaseException | None) -> None:
    for call in calls:
        call.end(error)
