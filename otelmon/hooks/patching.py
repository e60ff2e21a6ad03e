"""Replaces an attribute of a class or module so that it can be put back exactly as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_ABSENT = object()


def patch(owner: type | object, name: str, replacement: object) -> Callable[[], None]:
    """Replaces one attribute and returns what undoes it.

    The undoing leaves alone what somebody else has put in the place meanwhile: their function calls ours, which goes
    on calling the original.

    Args:
        owner: a class or a module; an inherited attribute is shadowed, and inherited again after the undoing.
        name: the attribute.
        replacement: what stands there from now on.
    """
    before = vars(owner).get(name, _ABSENT)
    setattr(owner, name, replacement)

    def undo() -> None:
        if vars(owner).get(name, _ABSENT) is not replacement:
            return
        if before is _ABSENT:
            delattr(owner, name)
        else:
            setattr(owner, name, before)

    return undo


def undo_all(steps: Iterable[Callable[[], None]]) -> Callable[[], None]:
    """Joins several steps into one that runs the latest first."""
    in_reverse = tuple(reversed(tuple(steps)))

    def undo() -> None:
        for step in in_reverse:
            step()

    return undo
