"""What a call leaves behind for diagnostics at its end; nothing of it runs where they are off."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

from otelmon.registry.database_sessions import SlowCall

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.trace import SpanContext

    from otelmon.calls.database_call import DatabaseCall
    from otelmon.calls.outcome import Outcome
    from otelmon.records import SpanIdentity
    from otelmon.registry.database_sessions import DatabaseSession, DatabaseSessions
    from otelmon.registry.sent_statement import SentStatement


def note_end(
    call: DatabaseCall,
    session: DatabaseSession,
    span: SpanContext,
    calling_line: Callable[[], tuple[str, str, int] | None],
) -> None:
    """Notes on the session who has just used it: a transaction left open blocks others without any call running."""
    # A call that ends elsewhere than it began tells the line of whoever ends it.
    line = calling_line() if call.context is None else None
    session.ended(call.statement.operation, call.statement.text, span, line)


def identify(call: DatabaseCall, outcome: Outcome, sessions: DatabaseSessions | None) -> SentStatement | None:
    """Puts the server's id on a slow or failed call, where it is certain, and returns what the driver sent.

    The id was asked for while the call ran, or the very same statement had it on this connection before.
    """
    session = call.connection.session
    if session is None or sessions is None:
        return None
    sent = call.sent()
    polled: int | None = getattr(call, "query_id", None)
    if sent is not None and polled is not None:
        session.learn(sent, polled)
    learned = session.learned(sent) if sent is not None and polled is None else None
    query_id = learned if polled is None else polled
    if query_id is None:
        sessions.identified("unknown")
    else:
        sessions.identified("learned" if polled is None else "polled")
        outcome.identified_as(query_id)
    return sent


def offer_plan(call: DatabaseCall, sent: SentStatement, sessions: DatabaseSessions | None, span: SpanIdentity) -> None:
    """Hands a slow call over, so that its plan is asked for on the diagnostics connection."""
    session = call.connection.session
    if session is None or sessions is None or session.target.is_pooled:
        return
    statement = call.statement
    sessions.offer(
        SlowCall(
            session,
            sent,
            fingerprint_of(statement),
            {**call.connection.attributes, **statement.attributes},
            span.trace_id,
            span.span_id,
            time.monotonic(),
        )
    )


def fingerprint_of(statement: object) -> str:
    """Returns what is equal for statements that differ in values only."""
    known = getattr(statement, "fingerprint", None)
    if known:
        return str(known)
    text = getattr(statement, "text", "") or getattr(statement, "summary", "")
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
