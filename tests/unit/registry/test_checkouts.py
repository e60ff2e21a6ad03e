"""Checkouts, their returns and leaks, as the registry keeps them."""

from __future__ import annotations

import pytest

from otelmon.records import Checkout, LateReturn, Leak, PoolState
from otelmon.registry.checkouts import Checkouts
from otelmon.registry.pooled_connections import CREATE_TIME, USE_TIME, WAIT_TIME, PooledConnections
from otelmon.signals import POOL_NAME

MS = 1_000_000


class Connection:
    """Stands for a connection; ``now`` is what it is doing."""

    def __init__(self, now: str | None = "idle") -> None:
        self.now = now

    def use(self):
        """Returns what it is doing."""
        return self.now


def checkout(since_ms: int = 0, connection: Connection | None = None, pool: str = "p") -> Checkout:
    """Returns a checkout that began ``since_ms`` after the start of the clock."""
    return Checkout(pool, since_ms * MS, connection=connection)


@pytest.fixture
def connections() -> PooledConnections:
    """Returns empty books with a leak after 1000 ms."""
    return PooledConnections(1000, 100, lambda _: lambda: None)


def test_overdue_checkout_is_reported_once(connections: PooledConnections) -> None:
    """A connection held for too long is reported at the first look after that, and never again."""
    late, fresh = checkout(connection=Connection()), checkout(since_ms=900)
    connections.checked_out(1, late)
    connections.checked_out(2, fresh)
    assert connections.leaks(999 * MS) == ()
    assert connections.leaks(1000 * MS) == (Leak(late, "idle", 1000 * MS),)
    assert connections.leaks(1001 * MS) == ()
    assert connections.leaks(1950 * MS) == (Leak(fresh, "unknown", 1050 * MS),)
    assert connections.leaked() == {("p", "idle"): 1, ("p", "unknown"): 1}


def test_busy_connection_is_no_leak_until_it_is_out_as_long_again(connections: PooledConnections) -> None:
    """The time starts anew when a connection was last seen at work."""
    connection = Connection("busy")
    connections.checked_out(1, checkout(connection=connection))
    assert connections.leaks(5000 * MS) == ()
    connection.now = "in_transaction"
    assert connections.leaks(5999 * MS) == ()
    (leak,) = connections.leaks(6000 * MS)
    assert (leak.kind, leak.held_ns) == ("in_transaction", 6000 * MS)


def test_statement_that_ended_before_the_limit_counts(connections: PooledConnections) -> None:
    """A long report that reads its result for a while after the limit is no leak."""
    connection = Connection("busy")
    connections.checked_out(1, checkout(connection=connection))
    connections.leaks(900 * MS)
    connection.now = "in_transaction"
    assert connections.leaks(1800 * MS) == ()
    assert len(connections.leaks(1900 * MS)) == 1


def test_long_statement_is_noted_once(connections: PooledConnections) -> None:
    """A connection that is busy beyond the limit is told of, once and only then."""
    connections.checked_out(1, checkout(connection=Connection("busy")))
    connections.leaks(999 * MS)
    assert connections.busy() == ()
    connections.leaks(1000 * MS)
    (noted,) = connections.busy()
    assert (noted.held_ns, noted.use) == (1000 * MS, "busy")
    connections.leaks(2000 * MS)
    assert connections.busy() == ()
    assert connections.leaked() == {}


def test_returned_checkout_is_not_overdue(connections: PooledConnections) -> None:
    """What came back in time is no leak; a new checkout of the same connection can be one, an equal one too."""
    connections.checked_out(1, checkout())
    assert connections.checked_in(1) == checkout()
    assert connections.checked_in(1) is None
    assert connections.leaks(5000 * MS) == ()
    for _ in range(2):
        connections.checked_out(1, checkout(since_ms=5000))
        assert len(connections.leaks(6000 * MS)) == 1
        given = connections.checked_in(1)
        assert given is not None
        connections.returned(1, given, 6000 * MS)
    assert connections.leaked() == {("p", "unknown"): 2}


def test_late_return_takes_a_report_back(connections: PooledConnections) -> None:
    """A connection that comes back after its report is told of once, with the time that it was out."""
    out = checkout()
    for number in (1, 2):
        connections.checked_out(number, out)
    (leak, _) = connections.leaks(1000 * MS)
    connections.checked_in(1)
    connections.returned(1, out, 3000 * MS)
    assert connections.returned_late() == (LateReturn(leak, 3000 * MS),)
    assert connections.returned_late() == ()


def test_return_in_time_is_not_late(connections: PooledConnections) -> None:
    """Another connection's report has nothing to do with it, and neither has an earlier checkout's."""
    connections.checked_out(1, checkout())
    connections.leaks(1000 * MS)
    other = checkout(since_ms=900)
    connections.checked_out(2, other)
    connections.checked_in(2)
    connections.returned(2, other, 1100 * MS)
    connections.returned(1, checkout(), 1100 * MS)
    assert connections.returned_late() == ()


def test_same_connection_twice_counts_once(connections: PooledConnections) -> None:
    """A pool may hand out one connection twice by its key: the first checkout stands."""
    connections.checked_out(1, checkout(since_ms=0))
    connections.checked_out(1, checkout(since_ms=500))
    assert connections.checkouts() == {"p": 1}
    assert connections.held_longest_ns(700 * MS) == {"p": 700 * MS}


def test_refused_return_leaves_the_checkout_standing(connections: PooledConnections) -> None:
    """A connection that the pool did not take back is still out, since then, counted once and reported once."""
    out = checkout()
    connections.checked_out(1, out)
    for reported in (1, 0):
        given = connections.checked_in(1)
        assert given is not None
        connections.still_out(1, given)
        assert len(connections.leaks(1000 * MS)) == reported
    assert connections.checkouts() == {"p": 1}
    assert connections.returned_late() == ()


def test_lost_connection_is_a_leak_at_once(connections: PooledConnections) -> None:
    """A connection that was collected while it was out is abandoned, once; one that was back is nothing."""
    out = checkout()
    connections.checked_out(1, out)
    connections.lost(1, 10 * MS)
    connections.lost(1, 10 * MS)
    assert connections.leaks(20 * MS) == (Leak(out, "abandoned", 10 * MS),)
    assert connections.leaked() == {("p", "abandoned"): 1}


def test_lost_after_its_report_is_counted_once(connections: PooledConnections) -> None:
    """A reported leak stays one leak when its connection is collected."""
    connections.checked_out(1, checkout())
    connections.leaks(1000 * MS)
    connections.lost(1, 2000 * MS)
    assert connections.leaks(3000 * MS) == ()
    assert sum(connections.leaked().values()) == 1


def test_return_within_the_look_is_no_leak(connections: PooledConnections) -> None:
    """What comes back while the watch looks is not reported, and leaves nothing behind."""

    class Returning(Connection):
        def use(self):
            connections.checked_in(1)
            return "idle"

    connections.checked_out(1, checkout(connection=Returning()))
    assert connections.leaks(1000 * MS) == ()
    assert connections.leaked() == {}
    assert connections._checkouts.reported == {}


def test_forgotten_connection_is_neither_returned_nor_lost(connections: PooledConnections) -> None:
    """Closed with its pool, it leaves no report behind."""
    connections.checked_out(1, checkout())
    connections.leaks(1000 * MS)
    connections.forget(1)
    connections.lost(1, 1000 * MS)
    assert connections.leaks(9000 * MS) == ()
    assert connections._checkouts.reported == {}


def test_checkouts_are_bounded() -> None:
    """More connections than any process has are not followed but counted as overflow."""
    refused: list[int] = []
    held = Checkouts(1000, lambda: refused.append(1), limit=2)
    assert [held.take(key, checkout()) for key in range(3)] == [True, True, True]
    assert len(refused) == 1
    assert held.give_back(2) is None


def times(connections: PooledConnections) -> dict[str, dict[str, int]]:
    """Returns the sum of the times by instrument and pool, in nanoseconds."""
    return {
        name: {each.attributes[POOL_NAME]: each.sum_ns for each in histogram.aggregates()}
        for name, histogram in connections.histograms.items()
        if histogram.aggregates()
    }


def test_times_are_kept_by_pool(connections: PooledConnections) -> None:
    """Use, creation and wait go into histograms, each under the pool's name."""
    connections.created("p", 7)
    connections.served_in("p", 9)
    connections.returned(1, checkout(), 5)
    connections.returned(2, checkout(pool="q"), 6)
    assert times(connections) == {USE_TIME: {"p": 5, "q": 6}, CREATE_TIME: {"p": 7}, WAIT_TIME: {"p": 9}}


def test_one_episode_until_a_checkout_succeeds(connections: PooledConnections) -> None:
    """Ten refusals are one episode; after a checkout the next refusal begins another; another pool has its own."""
    full = PoolState(used=2, max=2)
    for number in range(10):
        connections.refused(checkout(since_ms=number), full)
    connections.refused(checkout(pool="q"), full)
    first, other = connections.exhausted()
    assert (first.asked, first.state, first.refused) == (checkout(), full, 10)
    assert other.asked.pool_name == "q"
    connections.refused(checkout(), full)
    assert connections.exhausted() == ()
    connections.checked_out(1, checkout(pool="r"))
    connections.refused(checkout(), full)
    assert connections.exhausted() == ()
    connections.checked_out(2, checkout())
    connections.refused(checkout(since_ms=99), full)
    assert [each.refused for each in connections.exhausted()] == [1]
    assert connections.timeouts() == {"p": 13, "q": 1}


def test_waiting_is_an_episode_until_nobody_waits(connections: PooledConnections) -> None:
    """While one of two still waits, a checkout does not end the episode; the holders are those of its begin."""
    full = PoolState(used=1, max=1)
    connections.checked_out(1, checkout())
    for key in (7, 8):
        connections.waits(key, checkout(since_ms=key), full)
    (episode,) = connections.exhausted()
    assert (episode.asked, episode.waiting, episode.refused) == (checkout(since_ms=7), 2, 0)
    assert [each.checkout for each in episode.holders] == [checkout()]
    connections.checked_in(1)
    connections.waited(7, "p")
    connections.checked_out(1, checkout())
    connections.waits(9, checkout(since_ms=9), full)
    assert connections.exhausted() == ()
    for key in (8, 9):
        connections.waited(key, "p")
    connections.checked_in(1)
    connections.checked_out(1, checkout())
    connections.waits(10, checkout(since_ms=10), full)
    assert [each.waiting for each in connections.exhausted()] == [1]
    assert connections.timeouts() == {}


def test_wait_that_is_over_is_no_episode(connections: PooledConnections) -> None:
    """Who was served before anybody looked is not told of; who was refused is."""
    connections.waits(7, checkout(), PoolState())
    connections.waited(7, "p")
    assert connections.exhausted() == ()
    connections.waits(8, checkout(), PoolState())
    connections.refused(checkout(), PoolState())
    connections.waited(8, "p")
    assert [(each.refused, each.waiting) for each in connections.exhausted()] == [(1, 0)]


def test_connection_handed_out_again_does_not_end_an_episode(connections: PooledConnections) -> None:
    """A pool gives the same connection for the same key, exhausted or not."""
    connections.checked_out(1, checkout())
    connections.refused(checkout(), PoolState())
    connections.checked_out(1, checkout())
    connections.refused(checkout(), PoolState())
    assert len(connections.exhausted()) == 1


def test_holders_are_the_oldest_ten_of_the_pool(connections: PooledConnections) -> None:
    """They are told oldest first, with their age and what they were doing when the pool refused."""
    connection = Connection("in_transaction")
    for number in range(30):
        connections.checked_out(number, checkout(since_ms=30 - number, connection=connection, pool="pq"[number % 2]))
    connections.refused(checkout(since_ms=100), PoolState())
    connection.now = "idle"
    (episode,) = connections.exhausted()
    assert [each.checkout.since_ns for each in episode.holders] == [since * MS for since in range(2, 22, 2)]
    assert {each.checkout.pool_name for each in episode.holders} == {"p"}
    assert (episode.holders[0].held_ns, episode.holders[0].use) == (98 * MS, "in_transaction")


def test_removed_pool_leaves_no_episode_open(connections: PooledConnections) -> None:
    """A pool that is gone is not exhausted any more."""
    connections.refused(checkout(), PoolState())
    connections.remove("p")
    assert connections._exhaustions.open == {}


def test_forked_child_has_nothing_of_its_parent(connections: PooledConnections) -> None:
    """No checkout, episode, time or note of the parent is told of in the child."""
    connections.count("p")
    connections.checked_out(1, checkout(connection=Connection("busy")))
    connections.leaks(1000 * MS)
    connections.refused(checkout(), PoolState())
    connections.created("p", 1)
    connections.after_fork()
    assert (connections.leaks(9000 * MS), connections.busy(), connections.exhausted()) == ((), (), ())
    assert times(connections) == {}
    assert (connections.checkouts(), connections.timeouts()) == ({"p": 0}, {"p": 0})
