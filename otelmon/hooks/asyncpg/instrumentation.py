"""Takes asyncpg over from opentelemetry-instrumentation-asyncpg, under whatever distro it is loaded.

Its functions around a call are replaced by such as leave the work to the observed method, so that there is one span,
without the statement's literals, for every way to run SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from otelmon.hooks.patching import patch

if TYPE_CHECKING:
    from collections.abc import Callable

# Private, for the instrumentation offers no way to leave calls alone; tests/contract holds them against the release.
AROUND_A_CALL = ("_do_execute", "_do_cursor_execute", "_do_prepared_execute")


def take_over(module: Any, is_on: Callable[[], bool]) -> list[Callable[[], None]]:  # noqa: ANN401 - upstream's module, untyped
    """Replaces the functions and returns what undoes it; arguments as of ``LateHook.take_over``."""
    instrumentor = module.AsyncPGInstrumentor
    return [
        patch(instrumentor, name, _around(is_on, getattr(instrumentor, name)))
        for name in AROUND_A_CALL
        if hasattr(instrumentor, name)
    ]


def _around(is_on: Callable[[], bool], original: Callable[..., Any]) -> Callable[..., Any]:
    async def around(self: Any, func: Any, instance: Any, args: Any, kwargs: Any) -> Any:  # noqa: ANN401 - upstream's signature
        if is_on():
            return await func(*args, **kwargs)
        return await original(self, func, instance, args, kwargs)

    return around
