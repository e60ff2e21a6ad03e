"""Asks for the plans of slow calls when they are over, with the values that they had."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.diagnostics.links import UnavailableError
from otelmon.diagnostics.plan_history import PlanHistory
from otelmon.rules.explainable import called_functions, why_not_explained
from otelmon.rules.plan_shape import plan_hash, plan_shape, redacted_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.diagnostics.links import Link
    from otelmon.diagnostics.worker import Worker
    from otelmon.registry.database_sessions import DatabaseSessions, SlowCall
    from otelmon.registry.sent_statement import SentStatement

PLAN, CHANGED = "otelmon.db.plan", "otelmon.plan.changed"
LONGEST_TEXT = 8192
_RESULT, _HASH = "otelmon.db.plan.result", "otelmon.db.plan.hash"
_PLAN = guard.site("diagnostics.plan")
_PLACEHOLDER = re.compile(rb"\$\d")
_VOLATILE = "SELECT count(*)::text FROM pg_proc WHERE provolatile = 'v' AND proname = ANY (ARRAY[{names}]::text[])"


class Plans:
    """Turns slow calls into events with the plan, or with the reason why there is none.

    Args:
        sessions: hands slow calls over.
        worker: asks the server.
        emit: takes an event's name, attributes, trace id and span id.
    """

    def __init__(self, sessions: DatabaseSessions, worker: Worker, emit: Callable[..., None]) -> None:
        self._sessions = sessions
        self._worker = worker
        self._emit = emit
        self.history = PlanHistory()

    def ask(self) -> None:
        """Takes the slow calls that have ended since the last time; never waits."""
        for call in self._sessions.drain_slow():
            if not call.session.target.is_pooled and self.history.may_plan(_key(call)):
                guard.call(_PLAN, self._ask, call)

    def _ask(self, call: SlowCall) -> None:
        text = call.sent.text.decode("utf-8", "replace")
        reason = why_not_explained(text) if text else "cannot_tell"
        if reason is None and not (call.session.is_plain and _has_its_values(call.sent)):
            reason = "cannot_tell"
        if reason is None:
            self._worker.submit(call.session.target, lambda link: self._plan(link, call, text))
        else:
            self._tell(call, reason, {})

    def _plan(self, link: Link, call: SlowCall, text: str) -> None:
        try:
            if _calls_volatile(link, text):
                self._tell(call, "volatile_function", {})
                return
            answer = link.ask(b"EXPLAIN (FORMAT JSON) " + call.sent.text, call.sent)
        except UnavailableError:
            self._tell(call, "refused_by_server", {})
            raise
        plan: dict[str, Any] = json.loads(answer or "[{}]")[0].get("Plan") or {}
        if plan:
            self._planned(call, plan)

    def _planned(self, call: SlowCall, plan: dict[str, Any]) -> None:
        own = plan_hash(plan)
        told = {
            _HASH: own,
            "otelmon.db.plan.shape": plan_shape(plan),
            "otelmon.db.plan.cost": plan.get("Total Cost", 0),
        }
        text = json.dumps(redacted_plan(plan), separators=(",", ":"))
        if len(text) <= LONGEST_TEXT:
            told["otelmon.db.plan.text"] = text
        self._tell(call, "planned", told)
        before = self.history.changed_from(_key(call), own)
        if before is not None:
            more = {**told, "otelmon.db.plan.previous_hash": before}
            self._emit(CHANGED, {**call.attributes, **more}, trace_id=call.trace_id, span_id=call.span_id)

    def _tell(self, call: SlowCall, result: str, told: dict[str, Any]) -> None:
        self._sessions.answered(f"plan_{result}")
        attributes = {**call.attributes, _RESULT: result, **told}
        self._emit(PLAN, attributes, trace_id=call.trace_id, span_id=call.span_id)


def _key(call: SlowCall) -> tuple[int, str]:
    return id(call.session.target), call.fingerprint


def _has_its_values(sent: SentStatement) -> bool:
    """Tells whether the plan that the call got was made for its values, and they are known.

    For a prepared statement the server takes a plan for any values at some time; which one, nobody tells.
    """
    return not _PLACEHOLDER.search(sent.text) or (bool(sent.types) and not sent.is_prepared)


def _calls_volatile(link: Link, text: str) -> bool:
    """Asks whether one of the names that a text may call belongs to a volatile function of any schema."""
    names = called_functions(text)
    if not names:
        return False
    quoted = ",".join("'" + name.replace("'", "''").replace("\\", "") + "'" for name in sorted(names))
    return link.ask(_VOLATILE.format(names=quoted).encode()) != "0"
