"""What a library between application and driver knows of the calls that it makes: an ORM, a pool."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.calls.database_call import DatabaseCall


class Caller(Protocol):
    """Stands for one execution of such a library, while the driver serves it with one call or several."""

    # When a step began that belongs to the next call, as time.perf_counter_ns.
    began: int | None

    def ends(self, call: DatabaseCall) -> None:
        """Takes notice of a call that is over, and tells it whether another instrumentation makes the span."""
        ...

    def attributes(self, call: DatabaseCall) -> Mapping[str, str | int | float | bool]:
        """Returns the library's own facts of a call; asked for spans and events only."""
        ...


# Set around the driver's work only; tasks and the greenlets of SQLAlchemy share it as they share their context.
calling: ContextVar[Caller | None] = ContextVar("otelmon_calling", default=None)
_CALLER = guard.site("calls.caller")
NOTHING: Mapping[str, str | int | float | bool] = {}


def told_by(caller: Caller, call: DatabaseCall) -> Mapping[str, str | int | float | bool]:
    """Returns what a library knows of a call."""
    return guard.call(_CALLER, caller.attributes, call) or NOTHING
