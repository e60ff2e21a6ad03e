"""Remembers connections from call to call, where diagnostics are switched on: whose they are, and what they ran.

Nothing here asks a server. A hook opens a session when its connection is established; what the connection's facts hold
keeps it alive, and so it goes with the connection.
"""

from __future__ import annotations

import time
import weakref
from collections import deque
from typing import TYPE_CHECKING, Literal, NamedTuple

from otelmon.registry.tally import Tallies
from otelmon.rules.backend_pid import is_backend_pid
from otelmon.rules.session_changes import session_change

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from otelmon.records import SpanIdentity
    from otelmon.registry.sent_statement import SentStatement

Driver = Literal["psycopg2", "psycopg"]
# Those on libpq, by which connections can be opened apart from the application's own event loop.
DRIVERS: tuple[Driver, ...] = ("psycopg", "psycopg2")
Origin = Literal["polled", "learned", "unknown"]
Line = tuple[str, str, int]
MOST_TARGETS = 32
MOST_RESULTS = 100
MOST_LEARNED = 128
# Another process can make a table anew, and the id of an unchanged text is another one from then on.
SECONDS_LEARNED = 60.0
MOST_SLOW_CALLS, MOST_SLOW_BYTES, LONGEST_SLOW_STATEMENT = 64, 1_048_576, 65_536
SECONDS_WAITING = 10.0


class DatabaseTarget:
    """Holds one database as the application reaches it, its password among the parameters, which are never shown."""

    __slots__ = ("__weakref__", "driver", "is_pooled", "parameters")

    def __init__(self, driver: Driver, parameters: Mapping[str, str]) -> None:
        self.driver = driver
        self.parameters = dict(parameters)
        # True once it is known that a pooler stands between, so that numbers of processes mean nothing.
        self.is_pooled = False


class SlowCall(NamedTuple):
    """Holds a slow call whose plan is wanted; ``fingerprint`` is equal for statements that differ in values only."""

    session: DatabaseSession
    sent: SentStatement
    fingerprint: str
    attributes: Mapping[str, str | int]
    trace_id: int
    span_id: int
    ended: float


class DatabaseSession:
    """Holds what is known of one connection: the span and line of its last call, and the ids that texts had on it."""

    __slots__ = ("__weakref__", "_learned", "backend_pid", "is_plain", "last_line", "last_span", "local_port", "target")

    def __init__(self, target: DatabaseTarget, backend_pid: int, local_port: int | None) -> None:
        self.target = target
        self.backend_pid = backend_pid
        self.local_port = local_port
        # Whether no statement was seen that changes how names are found or plans are made.
        self.is_plain = True
        self.last_span: SpanIdentity | None = None
        self.last_line: Line | None = None
        self._learned: dict[tuple[bytes, tuple[int, ...]], tuple[int | None, float]] = {}

    def ended(self, operation: str, text: str, span: SpanIdentity, line: Line | None) -> None:
        """Notes that a call has ended: who made it, and what it may have changed."""
        self.last_span, self.last_line = span, line
        change = session_change(operation, text)
        if change in ("restored", "changed"):
            self.is_plain = change == "restored"
        if change != "none":
            self._learned.clear()

    def learn(self, sent: SentStatement, query_id: int) -> None:
        """Notes the server's id of a statement; one that had two is never told of again."""
        key = sent.text, sent.types
        if not sent.text:
            return
        known = self._learned.get(key)
        if known is None and len(self._learned) >= MOST_LEARNED:
            self._learned.pop(next(iter(self._learned)))
        same = known is None or known[0] == query_id
        self._learned[key] = query_id if same else None, time.monotonic()

    def learned(self, sent: SentStatement) -> int | None:
        """Returns the id that the very same statement has always had on this connection, None where there is none."""
        query_id, seen = self._learned.get((sent.text, sent.types), (None, 0.0))
        fresh = self.is_plain and time.monotonic() - seen <= SECONDS_LEARNED
        return query_id if fresh else None


class DatabaseSessions:
    """Holds the sessions of this process by target and server process, and what waits for a plan; all bounded."""

    def __init__(self) -> None:
        self._targets: dict[tuple[str, tuple[tuple[str, str], ...]], DatabaseTarget] = {}
        self._sessions: weakref.WeakValueDictionary[tuple[int, int], DatabaseSession] = weakref.WeakValueDictionary()
        self._slow: deque[SlowCall] = deque(maxlen=MOST_SLOW_CALLS)
        # What is called instead while no plans are asked for.
        self.plan_refused: Callable[[], None] | None = None
        self._answers: Tallies[str] = Tallies(MOST_RESULTS, lambda: None)
        self._said: set[int] = set()
        self._ids: Tallies[Origin] = Tallies(3, lambda: None)

    def opened(
        self, driver: Driver, parameters: Mapping[str, str], backend_pid: int, local_port: int | None
    ) -> DatabaseSession | None:
        """Begins a session, or returns None where there are too many targets already.

        Args:
            driver: opens the diagnostics connection, for the application has it loaded.
            parameters: of libpq, as the application connected.
            backend_pid: what the connection reports as its server process.
            local_port: of the connection's own socket; None where it has none, as with Unix sockets.
        """
        key = driver, tuple(sorted(parameters.items()))
        target = self._targets.get(key)
        if target is None:
            if len(self._targets) >= MOST_TARGETS:
                return None
            target = self._targets.setdefault(key, DatabaseTarget(driver, parameters))
        if not is_backend_pid(backend_pid):
            target.is_pooled = True
        session = DatabaseSession(target, backend_pid, local_port)
        self._sessions[id(target), backend_pid] = session
        return session

    def of(self, target: DatabaseTarget, backend_pid: int) -> DatabaseSession | None:
        """Returns the session of a server process, None where it is not one of this process."""
        return self._sessions.get((id(target), backend_pid))

    def identified(self, origin: Origin) -> None:
        """Counts a slow or failed call by where its query id is from."""
        self._ids.add(origin)

    def identified_calls(self) -> dict[Origin, int]:
        """Returns the number of slow and failed calls by where their query id is from."""
        return self._ids.snapshot()

    def answered(self, result: str) -> None:
        """Counts a question of the diagnostics connection by what came of it."""
        self._answers.add(result)

    def answers(self) -> dict[str, int]:
        """Returns the number of questions by what came of them."""
        return self._answers.snapshot()

    def newly_pooled(self) -> list[DatabaseTarget]:
        """Returns the targets behind a pooler that were not returned before."""
        found = [each for each in self._targets.copy().values() if each.is_pooled and id(each) not in self._said]
        self._said.update(map(id, found))
        return found

    def offer(self, call: SlowCall) -> None:
        """Takes a slow call whose plan is wanted, unless it is too large; the oldest makes room."""
        if self.plan_refused is not None:
            self.plan_refused()
            return
        if call.sent.size > LONGEST_SLOW_STATEMENT:
            return
        while self._slow and (len(self._slow) == MOST_SLOW_CALLS or self._kept_bytes() > MOST_SLOW_BYTES):
            self._take()
        self._slow.append(call)

    def _kept_bytes(self) -> int:
        return sum(each.sent.size for each in self._slow.copy())

    def _take(self) -> SlowCall | None:
        try:
            return self._slow.popleft()
        except IndexError:
            return None

    def drain_slow(self) -> list[SlowCall]:
        """Returns the slow calls offered since the last time, without those that have waited for too long."""
        since = time.monotonic() - SECONDS_WAITING
        return [each for each in iter(self._take, None) if each.ended >= since]

    def after_fork(self) -> None:
        """Forgets what the parent ran; connections made before keep their sessions."""
        self._slow.clear()
        self._ids.clear()
        self._answers.clear()
