"""Takes psycopg over from opentelemetry-instrumentation-psycopg, under whatever distro it is loaded.

Two of its public names are replaced by subclasses that leave the work to the observed classes, so that there is one
span and one histogram. Where somebody has asked it for SQL comments it goes on tracing, and otelmon adds no span.
"""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from opentelemetry.metrics import NoOpMeterProvider

from otelmon.hooks.patching import patch
from otelmon.hooks.psycopg.calls import UPSTREAM

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.hooks.psycopg.watch import PsycopgWatch

_NAMES = ("DatabaseApiIntegration", "DatabaseApiAsyncIntegration")


def take_over(watch: PsycopgWatch) -> list[Callable[[], None]]:
    """Replaces the names where the instrumentation is installed, and returns what undoes it."""
    if find_spec(UPSTREAM) is None:
        return []
    module = importlib.import_module(UPSTREAM)
    return [patch(module, name, _integration(watch, getattr(module, name))) for name in _NAMES]


def _integration(watch: PsycopgWatch, base: Any) -> type:  # noqa: ANN401 - upstream's class, untyped
    class Integration(base):  # type: ignore[misc]  # the base is known at run time only
        def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - upstream's signature
            if watch.on:
                # Its histograms would count the same calls, in buckets that suit milliseconds.
                options["meter_provider"] = NoOpMeterProvider()
            super().__init__(*args, **options)

        def wrapped_connection(self, connect_method: Callable[..., Any], args: Any, kwargs: Any) -> Any:  # noqa: ANN401 - upstream's signature
            # A coroutine where upstream's is one: either way the caller gets what psycopg's function returns.
            if watch.on and not self.enable_commenter:
                return connect_method(*args, **kwargs)
            return super().wrapped_connection(connect_method, args, kwargs)

    Integration.__name__ = Integration.__qualname__ = base.__name__
    return Integration
