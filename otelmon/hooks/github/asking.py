"""Lets whoever sends a request through a client learn whose budget it spent."""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_asking: ContextVar[list[str] | None] = ContextVar("otelmon_github_asking", default=None)


def note_owner(owner: str) -> None:
    """Notes the owner of a request where somebody is asking."""
    owners = _asking.get()
    if owners is not None:
        owners.append(owner)


@contextlib.contextmanager
def owners_of_requests() -> Iterator[list[str]]:
    """Yields a list that holds, at the end of the block, the owners of the requests sent inside it, by this thread."""
    owners: list[str] = []
    token = _asking.set(owners)
    try:
        yield owners
    finally:
        _asking.reset(token)
