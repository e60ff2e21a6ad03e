"""The seam for database calls: hooks begin calls here without knowing who records them."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Protocol

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Mapping

_BEGIN = guard.site("registry.database_call")


class CallStarter(Protocol):
    """Begins calls, and records them at their end."""

    def call(
        self, system: str, connection_facts: Mapping[str, str | int | None], statement: object
    ) -> AbstractContextManager[object] | None:
        """Begins one call, or returns None where calls are not wanted at the moment."""
        ...


def begin(
    calls: CallStarter | None, system: str, connection_facts: Mapping[str, str | int | None], statement: object
) -> AbstractContextManager[object]:
    """Returns a block around one call; it does nothing where nobody records."""
    if calls is None:
        return nullcontext()
    return guard.call(_BEGIN, calls.call, system, connection_facts, statement) or nullcontext()
