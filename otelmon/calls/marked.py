"""What a slow or failed call leaves behind for those who tell of it later."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from otelmon.registry.failed_calls import FailedCall

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.calls.database_call import DatabaseCall
    from otelmon.calls.failure import Failure
    from otelmon.records import SpanIdentity
    from otelmon.registry import HookRegistry
    from otelmon.registry.marked_calls import MarkedCalls

RANK = "otelmon.marked.rank"
_TOLD = ("db.operation.name", "db.query.summary", "db.collection.name")


def ranked(call: DatabaseCall, marked: MarkedCalls) -> dict[str, int]:
    """Counts a call of which not all may be sent, and returns the how manieth of its statement and minute it is."""
    statement = call.statement
    facts = {
        **call.connection.attributes,
        **{key: statement.attributes[key] for key in _TOLD if key in statement.attributes},
    }
    name = statement.fingerprint or statement.summary or statement.operation
    return {RANK: marked.rank(name, facts, call.started_at_ns + call.elapsed_ns)}


def is_held(
    failure: Failure, attributes: Mapping[str, str | int | float | bool], span: SpanIdentity, registry: HookRegistry
) -> bool:
    """Tells whether the event of a failed call waits until it is known whether its error is reported otherwise."""
    if failure.error is None:
        return False
    return registry.failed_calls.hold(failure.error, FailedCall(attributes, span, time.time_ns()))
