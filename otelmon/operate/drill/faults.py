"""Finds the faults to drill with: a module that knows how to break a stack."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path
    from types import ModuleType

    from otelmon.operate.drill.fault import Fault
    from otelmon.operate.drill.watching import Addresses

DEFAULT = "demo.drill.faults"
WANTED = ("situation", "faults", "addresses", "traffic")


class Faults(Protocol):
    """Describes what such a module has."""

    def situation(self, directory: Path) -> object:
        """Returns what the other functions take, for a stack that runs in a directory."""
        ...

    def faults(self, here: object) -> list[Fault]:
        """Returns every fault."""
        ...

    def addresses(self, here: object) -> Addresses:
        """Returns whom to watch."""
        ...

    def traffic(self, here: object) -> AbstractContextManager[object]:
        """Returns a context in which usual requests are sent."""
        ...


def load(name: str) -> ModuleType:
    """Returns the module of faults.

    Raises:
        OperateError: it is not there, or lacks something.
    """
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        raise OperateError(
            f"faults {name} cannot be imported ({error.name} is missing): start `otelmon drill` in a clone of the "
            "repository, whose demo has them, or name a module of yours with --faults"
        ) from error
    missing = [each for each in WANTED if not hasattr(module, each)]
    if missing:
        raise OperateError(f"faults {name} lacks {', '.join(missing)}: see otelmon/operate/drill/faults.py")
    return module


def chosen(faults: list[Fault], names: tuple[str, ...]) -> list[Fault]:
    """Returns the faults of some names in the order of the module, all where none is named.

    Raises:
        OperateError: a name is not known.
    """
    unknown = set(names) - {each.name for each in faults}
    if unknown:
        known = ", ".join(each.name for each in faults)
        raise OperateError(f"no fault is named {', '.join(sorted(unknown))}; there are: {known}")
    return [each for each in faults if each.name in names or not names]
