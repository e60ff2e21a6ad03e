"""Takes psycopg2 over from opentelemetry-instrumentation-psycopg2, under whatever distro it is loaded.

Two of its public names are replaced by subclasses that leave the work to the observed connection, so that there is one
span and one histogram. Where somebody has asked it for SQL comments it goes on tracing, and otelmon adds no span.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.metrics import NoOpMeterProvider

from otelmon.hooks.patching import patch
from otelmon.hooks.psycopg2.calls import RUNNING
from otelmon.hooks.psycopg2.cursors import ObservedCursor

if TYPE_CHECKING:
    from collections.abc import Callable


def take_over(module: Any, is_on: Callable[[], bool]) -> list[Callable[[], None]]:  # noqa: ANN401 - upstream's module, untyped
    """Replaces the names and returns what undoes it; arguments as of ``LateHook.take_over``."""
    integration, tracer = module.DatabaseApiIntegration, module.CursorTracer
    return [
        patch(module, "DatabaseApiIntegration", _integration(is_on, integration)),
        patch(module, "CursorTracer", _tracer(is_on, tracer)),
    ]


def _integration(is_on: Callable[[], bool], base: Any) -> type:  # noqa: ANN401 - upstream's class, untyped
    class DatabaseApiIntegration(base):  # type: ignore[misc]  # the base is known at run time only
        def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - upstream's signature
            if is_on():
                # Its histograms would count the same calls, in buckets that suit milliseconds.
                options["meter_provider"] = NoOpMeterProvider()
            super().__init__(*args, **options)

        def wrapped_connection(self, connect_method: Callable[..., Any], args: Any, kwargs: Any) -> Any:  # noqa: ANN401 - upstream's signature
            if is_on() and not self.enable_commenter:
                return connect_method(*args, **kwargs)
            return super().wrapped_connection(connect_method, args, kwargs)

    return DatabaseApiIntegration


def _tracer(is_on: Callable[[], bool], base: Any) -> type:  # noqa: ANN401 - upstream's class, untyped
    class CursorTracer(base):  # type: ignore[misc]  # the base is known at run time only
        def __init__(self, db_api_integration: Any) -> None:  # noqa: ANN401 - upstream's signature
            super().__init__(db_api_integration)
            self._writes_comments = bool(db_api_integration.enable_commenter)

        def traced_execution(
            self,
            cursor: Any,  # noqa: ANN401 - upstream's signature
            query_method: Callable[..., Any],
            *args: Any,  # noqa: ANN401 - upstream's signature
            **kwargs: Any,  # noqa: ANN401 - upstream's signature
        ) -> Any:  # noqa: ANN401 - upstream's signature
            if is_on() and isinstance(cursor, ObservedCursor) and not self._writes_comments:
                return query_method(*args, **kwargs)
            running = getattr(cursor, "__dict__", {}).get(RUNNING)
            if running is not None:
                running.is_traced_elsewhere = True
            return super().traced_execution(cursor, query_method, *args, **kwargs)

    return CursorTracer
