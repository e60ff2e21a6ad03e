"""Patches a library when the application imports it, so that one that is installed but not used is not loaded."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import wrapt

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


def when_imported(
    site: guard.Site, module: str, patch: Callable[[ModuleType], Callable[[], None]]
) -> Callable[[], None]:
    """Runs ``patch`` with a module now or when it is imported; returns what undoes it.

    Args:
        site: where errors of the patching are counted; the import goes on.
        module: its full name.
        patch: takes the module and returns what undoes it.
    """
    state = _Waiting()

    def found(loaded: ModuleType) -> None:
        if not state.over:
            state.undo = guard.call(site, patch, loaded)

    # None stands there for a module whose import is forbidden.
    loaded = sys.modules.get(module)
    if loaded is not None:
        found(loaded)
    else:
        wrapt.register_post_import_hook(found, module)

    def undo() -> None:
        # An import hook cannot be taken back: from here on it does nothing.
        state.over = True
        if state.undo is not None:
            state.undo()

    return undo


class _Waiting:
    """Says whether the patching is wanted still, and what undoes it."""

    __slots__ = ("over", "undo")

    def __init__(self) -> None:
        self.over = False
        self.undo: Callable[[], None] | None = None
