"""Takes asyncpg over from opentelemetry-instrumentation-asyncpg, under whatever distro it is loaded.

Its functions around a call are replaced by such as leave the work to the observed method, so that there is one span,
without the statement's literals, for every way to run SQL.
"""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from otelmon.hooks.patching import patch

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.hooks.asyncpg.watch import AsyncpgWatch

_MODULE = "opentelemetry.instrumentation.asyncpg"
# Private, for the instrumentation offers no way to leave calls alone; tests/contract holds them against the release.
AROUND_A_CALL = ("_do_execute", "_do_cursor_execute", "_do_prepared_execute")


def take_over(watch: AsyncpgWatch) -> list[Callable[[], None]]:
    """Replaces the functions where the instrumentation is installed, and returns what undoes it."""
    if find_spec(_MODULE) is None:
        return []
    instrumentor = importlib.import_module(_MODULE).AsyncPGInstrumentor
    return [
        patch(instrumentor, name, _around(watch, getattr(instrumentor, name)))
        for name in AROUND_A_CALL
        if hasattr(instrumentor, name)
    ]


def _around(watch: AsyncpgWatch, original: Callable[..., Any]) -> Callable[..., Any]:
    async def around(self: Any, func: Any, instance: Any, args: Any, kwargs: Any) -> Any:  # noqa: ANN401 - upstream's signature
        if watch.on:
            return await func(*args, **kwargs)
        return await original(self, func, instance, args, kwargs)

    return around
