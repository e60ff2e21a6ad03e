"""Knows which objects are observed as caches: none is twice, and the name of one that is gone is free again."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Callable

_SITE = guard.site("registry.observed_caches")


class ObservedCaches:
    """Holds observed objects weakly, each under the name it was registered with, the name it got, and what undoes it.

    Args:
        remove: takes the name of a cache that is gone.
    """

    def __init__(self, remove: Callable[[str], None]) -> None:
        self._remove = remove
        self._known: dict[tuple[str, int], tuple[str, Callable[[], None]]] = {}
        self._references: dict[tuple[str, int], object] = {}

    def name_of(self, name: str, cache: object) -> str | None:
        """Returns the name under which an object is reported already, having been registered under ``name``."""
        known = self._known.get((name, id(cache)))
        return None if known is None else known[0]

    def keep(self, name: str, cache: object, used: str, undo: Callable[[], None]) -> None:
        """Notes that an object is observed; ``undo`` must not keep it alive."""
        key = (name, id(cache))
        self._known[key] = (used, undo)
        try:
            self._references[key] = weakref.ref(cache, lambda _: guard.call(_SITE, self._gone, key))
        except TypeError:
            # Classes with slots may not have weak references: held, so that the id is not used again.
            self._references[key] = cache

    def keep_quietly(self, cache: object, undo: Callable[[], None]) -> None:
        """Notes one of several objects that report under one name, which stays when this one is gone."""
        key = ("", id(cache))
        self._known[key] = ("", undo)
        self._references[key] = weakref.ref(cache, lambda _: guard.call(_SITE, self._gone, key))

    def release(self, cache: object) -> None:
        """Ends what was begun without being asked for, before the application registers the object itself."""
        key = ("", id(cache))
        known = self._known.get(key)
        if known is not None:
            guard.call(_SITE, known[1])
            self._gone(key)

    def _gone(self, key: tuple[str, int]) -> None:
        used, _ = self._known.pop(key)
        self._references.pop(key, None)
        if used:
            self._remove(used)

    def undo(self) -> None:
        """Gives every cache its own methods back."""
        for _, undo in tuple(self._known.values()):
            guard.call(_SITE, undo)
        self._known.clear()
        self._references.clear()
