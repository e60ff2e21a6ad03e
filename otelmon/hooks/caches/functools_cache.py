"""Reports every function that the application caches with functools, under its module and name.

``functools.cache`` calls the module's ``lru_cache``, so that one replacement serves both. A module that took
``lru_cache`` by ``from functools import lru_cache`` before the hook was there keeps the unwatched one.
"""

from __future__ import annotations

import functools
import sys
import weakref
from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.hooks.caches.readers import reader_of
from otelmon.hooks.calling_line import is_application
from otelmon.hooks.patching import patch

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry

_SITE = guard.site("hooks.functools_cache")


class FunctoolsCacheHook:
    """Watches ``functools.lru_cache`` and ``functools.cache``."""

    name = "functools_cache"
    requires = ""

    def install(self, registry: HookRegistry) -> Callable[[], None]:
        """Replaces ``functools.lru_cache`` and returns what puts the genuine one back."""
        watch = CachedFunctions(registry)
        original = functools.lru_cache
        cached_type = type(original(len))

        @functools.wraps(original)
        def lru_cache(maxsize: Any = 128, typed: bool = False) -> Any:  # noqa: ANN401 - as functools has it
            made = original(maxsize, typed)
            if isinstance(made, cached_type):
                guard.call(_SITE, watch.found, made)
                return made

            @functools.wraps(made)
            def decorating_function(user_function: Any) -> Any:  # noqa: ANN401 - as functools has it
                cached = made(user_function)
                guard.call(_SITE, watch.found, cached)
                return cached

            return decorating_function

        return patch(functools, "lru_cache", lru_cache)


class CachedFunctions:
    """Reports cached functions for as long as they live."""

    def __init__(self, registry: HookRegistry) -> None:
        self._registry = registry
        self._known: dict[int, weakref.ref[Any]] = {}

    def found(self, cached: Any) -> None:  # noqa: ANN401 - the wrapper of functools
        """Reports a cached function if it belongs to the application."""
        if not is_application(_file(cached.__wrapped__)):
            return
        key = id(cached)
        name = self._registry.add_cache(f"{cached.__module__}.{cached.__qualname__}", reader_of(cached))
        self._known[key] = weakref.ref(cached, lambda _: guard.call(_SITE, self._gone, key, name))

    def _gone(self, key: int, name: str) -> None:
        self._known.pop(key, None)
        self._registry.remove_cache(name)


def _file(function: Any) -> str:  # noqa: ANN401 - anything callable
    """Returns the file of a function or class; of builtins none.

    The module is asked first: code compiled to C names its file relative to where it was built.
    """
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    code = getattr(function, "__code__", None)
    return str(getattr(module, "__file__", None) or getattr(code, "co_filename", ""))


hook = FunctoolsCacheHook()
