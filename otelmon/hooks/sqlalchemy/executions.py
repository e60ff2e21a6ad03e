"""Follows one execution of SQLAlchemy while the driver serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from otelmon.calls.caller import calling
from otelmon.calls.database_call import DatabaseCall
from otelmon.hooks.sqlalchemy.engines import facts_of, is_left_to_driver
from otelmon.hooks.sqlalchemy.fields import is_traced_by_instrumentation, lazy_loaded_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.engine import Connection, ExceptionContext

    from otelmon.calls.caller import Caller
    from otelmon.calls.recorder import CallRecorder
    from otelmon.registry import HookRegistry

# Where the pool's hook notes a checkout; a name on its own, for either hook works without the other.
_TAKEN = "otelmon.taken"
# What drivers send on their own account before a statement.
_AHEAD = frozenset(("BEGIN", "PREPARE", "SET"))
_NS_PER_MS = 1_000_000


class Execution:
    """Holds what SQLAlchemy knows of the calls that a driver makes for one execution, read only when it is told."""

    __slots__ = ("_first", "_wait_ns", "began", "call", "context", "outer")

    def __init__(self, context: Any, wait_ns: int, outer: Caller | None) -> None:  # noqa: ANN401 - any dialect's context
        self.context = context
        self.outer = outer
        # The call of this execution itself, where nobody observes the driver.
        self.call: DatabaseCall | None = None
        self.began: int | None = None
        self._first: DatabaseCall | None = None
        self._wait_ns = wait_ns

    def ends(self, call: DatabaseCall) -> None:
        """Takes notice of a call that is over: the first one after a checkout tells of its wait."""
        if self._first is None:
            self._first = call
        if is_traced_by_instrumentation(self.context):
            call.is_traced_elsewhere = True

    def attributes(self, call: DatabaseCall) -> Mapping[str, str | int | float | bool]:
        """Returns the facts of a call."""
        found: dict[str, str | int | float | bool] = {}
        if call is self._first and self._wait_ns:
            found["otelmon.db.pool.wait_ms"] = self._wait_ns / _NS_PER_MS
        loaded_from = None if call.statement.operation in _AHEAD else lazy_loaded_from(self.context)
        if loaded_from is not None:
            found["otelmon.db.orm.lazy_loaded_from"] = loaded_from
        return found


class Executions:
    """Begins and ends executions; once it is off, it begins none."""

    def __init__(self, registry: HookRegistry, recorder: CallRecorder) -> None:
        self.on = True
        self._registry = registry
        self._recorder = recorder

    def begins(
        self,
        connection: Connection,
        _: object,
        statement: str,
        parameters: object,
        context: Any,  # noqa: ANN401 - any dialect's context
        is_many: bool,
    ) -> None:
        """Begins an execution before the driver is asked."""
        if not self.on:
            return
        execution = Execution(context, _wait_of(connection), calling.get())
        calling.set(execution)
        if not is_left_to_driver(connection.dialect, self._registry.observed) and self._recorder.is_wanted():
            facts = self._recorder.facts(statement)
            execution.call = call = DatabaseCall(self._recorder, facts_of(connection.engine), facts)
            call.batch_size = len(parameters) if is_many and isinstance(parameters, (list, tuple)) else 0

    def ends(self, _: Connection, __: object, ___: str, ____: object, context: object, _____: bool) -> None:
        """Ends one that has succeeded."""
        self._end(context, None)

    def fails(self, failure: ExceptionContext) -> None:
        """Ends one that has failed."""
        self._end(failure.execution_context, failure.original_exception)

    def _end(self, context: object, error: BaseException | None) -> None:
        execution = calling.get()
        if not isinstance(execution, Execution) or execution.context is not context:
            return
        if execution.call is not None:
            execution.call.end(error)
        calling.set(execution.outer)


def _wait_of(connection: Connection) -> int:
    """Takes away how long the connection's request took, for it is told once; nanoseconds, 0 where it is not known."""
    info = connection.connection.record_info
    taken = info.get(_TAKEN) if info else None
    if taken is None:
        return 0
    wait_ns, taken.wait_ns = taken.wait_ns, 0
    return int(wait_ns)
