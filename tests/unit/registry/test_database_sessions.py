"""What is remembered of connections is bounded, and gone with them."""

from __future__ import annotations

import gc
import time

import pytest

from otelmon.registry import database_sessions
from otelmon.registry.database_sessions import DatabaseSession, DatabaseSessions, SlowCall
from otelmon.registry.sent_statement import SentStatement

PARAMETERS = {"host": "db", "password": "planted"}
SENT = SentStatement(b"SELECT 1")


@pytest.fixture
def sessions() -> DatabaseSessions:
    """Returns an empty book."""
    return DatabaseSessions()


def opened(sessions: DatabaseSessions, pid: int = 7) -> DatabaseSession:
    """Opens a session."""
    session = sessions.opened("psycopg2", PARAMETERS, pid, 40_000)
    assert session is not None
    return session


def slow(session: DatabaseSession, size: int = 1, ended: float | None = None) -> SlowCall:
    """Returns a slow call of some size."""
    sent = SentStatement(b"x" * size)
    return SlowCall(session, sent, "f", {}, 1, 2, time.monotonic() if ended is None else ended)


def test_session_is_found_by_process_and_goes_with_its_connection(sessions: DatabaseSessions) -> None:
    """Connections to one database share a target; nothing keeps a session alive."""
    one, other = opened(sessions), opened(sessions, 8)
    assert one.target is other.target
    assert sessions.of(one.target, 7) is one
    target = one.target
    del one
    gc.collect()
    assert sessions.of(target, 7) is None
    assert "planted" not in f"{target!r} {other!r} {sessions!r}"


def test_number_of_targets_is_bounded(sessions: DatabaseSessions) -> None:
    """Beyond the limit a connection has no session."""
    made = [sessions.opened("psycopg2", {"dbname": str(number)}, 1, None) for number in range(40)]
    assert sum(each is None for each in made) == 40 - database_sessions.MOST_TARGETS


def test_impossible_process_number_is_a_poolers(sessions: DatabaseSessions) -> None:
    """It is told of once."""
    target = opened(sessions, 1_836_017_711).target
    assert target.is_pooled
    assert [sessions.newly_pooled(), sessions.newly_pooled()] == [[target], []]


def test_learned_id(sessions: DatabaseSessions, monkeypatch: pytest.MonkeyPatch) -> None:
    """One id stays, a second one takes it away for good, and none outlives a minute."""
    session = opened(sessions)
    assert session.learned(SENT) is None
    session.learn(SENT, 5)
    session.learn(SENT, 5)
    assert session.learned(SENT) == 5
    assert session.learned(SENT._replace(types=(23,))) is None
    monkeypatch.setattr(database_sessions, "SECONDS_LEARNED", -1.0)
    assert session.learned(SENT) is None
    monkeypatch.undo()
    session.learn(SENT, 6)
    session.learn(SENT, 5)
    assert session.learned(SENT) is None


def test_learned_ids_are_bounded_and_need_a_text(sessions: DatabaseSessions) -> None:
    """The oldest makes room; the name of a prepared statement says nothing of it."""
    session = opened(sessions)
    for number in range(database_sessions.MOST_LEARNED + 1):
        session.learn(SentStatement(str(number).encode()), number)
    assert (session.learned(SentStatement(b"0")), session.learned(SentStatement(b"1"))) == (None, 1)
    session.learn(SentStatement(b""), 9)
    assert session.learned(SentStatement(b"")) is None


def test_slow_calls_are_bounded_in_number_bytes_and_time(sessions: DatabaseSessions) -> None:
    """The oldest makes room, what is too large is not taken, what has waited for too long is not handed on."""
    session = opened(sessions)
    for _ in range(database_sessions.MOST_SLOW_CALLS + 5):
        sessions.offer(slow(session))
    assert len(sessions.drain_slow()) == database_sessions.MOST_SLOW_CALLS
    assert sessions.drain_slow() == []
    for _ in range(40):
        sessions.offer(slow(session, 60_000))
    assert sum(each.sent.size for each in sessions.drain_slow()) <= database_sessions.MOST_SLOW_BYTES + 60_000
    sessions.offer(slow(session, database_sessions.LONGEST_SLOW_STATEMENT + 1))
    sessions.offer(slow(session, ended=time.monotonic() - 11))
    assert sessions.drain_slow() == []


def test_forked_child_forgets_what_the_parent_ran(sessions: DatabaseSessions) -> None:
    """Counts and waiting calls are the parent's; connections keep their sessions."""
    session = opened(sessions)
    sessions.offer(slow(session))
    sessions.answered("activity")
    sessions.identified("polled")
    sessions.after_fork()
    assert (sessions.drain_slow(), sessions.answers(), sessions.identified_calls()) == ([], {}, {})
    assert sessions.of(session.target, 7) is session


def test_size_counts_parameters() -> None:
    """A missing parameter has no size."""
    assert SentStatement(b"ab", (b"cde", None), (25, 25)).size == 5
