"""Takes psycopg over from opentelemetry-instrumentation-psycopg, under whatever distro it is loaded.

Two of its public names are replaced by subclasses that leave the work to the observed classes, so that there is one
span and one histogram. Where somebody has asked it for SQL comments it goes on tracing, and otelmon adds no span.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.metrics import NoOpMeterProvider

from otelmon.hooks.patching import patch

if TYPE_CHECKING:
    from collections.abc import Callable

_NAMES = ("DatabaseApiIntegration", "DatabaseApiAsyncIntegration")


def take_over(module: Any, is_on: Callable[[], bool]) -> list[Callable[[], None]]:  # noqa: ANN401 - upstream's module, untyped
    """Replaces the names and returns what undoes it; arguments as of ``LateHook.take_over``."""
    return [patch(module, name, _integration(is_on, getattr(module, name))) for name in _NAMES]


def _integration(is_on: Callable[[], bool], base: Any) -> type:  # noqa: ANN401 - upstream's class, untyped
    class Integration(base):  # type: ignore[misc]  # the base is known at run time only
        def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - upstream's signature
            if is_on():
                # Its histograms would count the same calls, in buckets that suit milliseconds.
                options["meter_provider"] = NoOpMeterProvider()
            super().__init__(*args, **options)

        def wrapped_connection(self, connect_method: Callable[..., Any], args: Any, kwargs: Any) -> Any:  # noqa: ANN401 - upstream's signature
            # A coroutine where upstream's is one: either way the caller gets what psycopg's function returns.
            if is_on() and not self.enable_commenter:
                return connect_method(*args, **kwargs)
            return super().wrapped_connection(connect_method, args, kwargs)

    Integration.__name__ = Integration.__qualname__ = base.__name__
    return Integration
