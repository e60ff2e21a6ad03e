"""Finds hooks by entry point and installs those whose library is here."""

from __future__ import annotations

import logging
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.hooks.protocol import is_supported

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry
    from otelmon.settings import Settings

GROUP = "otelmon.hooks"
_logger = logging.getLogger("otelmon")


def install_hooks(registry: HookRegistry, settings: Settings) -> list[Callable[[], None]]:
    """Installs every hook that is not disabled and whose library is installed in a supported version.

    Returns:
        What undoes them, in the order of installation.
    """
    undo = []
    for entry_point in entry_points(group=GROUP):
        if entry_point.name in settings.disabled_hooks:
            continue
        step = guard.call(guard.site(f"hooks.{entry_point.name}.install"), _install, entry_point, registry)
        if step is not None:
            undo.append(step)
    return undo


def _install(entry_point: Any, registry: HookRegistry) -> Callable[[], None] | None:  # noqa: ANN401 - EntryPoint differs by Python
    hook = entry_point.load()
    if not is_supported(hook.requires):
        _logger.debug("hook_skipped name=%s requires=%s", entry_point.name, hook.requires)
        return None
    undo: Callable[[], None] = hook.install(registry)
    return undo
