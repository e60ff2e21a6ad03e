"""Listens to SQLAlchemy's public events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Callable


def listen(target: type, name: str, listener: Callable[..., None]) -> Callable[[], None]:
    """Listens to an event behind the guard, and returns what ends it.

    Args:
        target: the class whose every instance is meant, those that are there included.
        name: the event.
        listener: takes what the event tells, and changes nothing.
    """
    where = guard.site(f"hooks.sqlalchemy.{name}")

    def heard(*args: Any) -> None:  # noqa: ANN401 - the event's own arguments
        guard.call(where, listener, *args)

    event.listen(target, name, heard)
    return lambda: event.remove(target, name, heard)
