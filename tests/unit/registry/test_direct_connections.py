"""Connections without a pool, as the registry keeps them."""

from __future__ import annotations

import pytest

from otelmon.records import Checkout
from otelmon.registry.named_readers import OVERFLOW_NAME
from otelmon.registry.pooled_connections import PooledConnections

MS = 1_000_000
ADDRESS = ("h", 5432, "d")


class Connection:
    """Stands for a connection that is told what it is doing."""

    def __init__(self, now: str = "idle") -> None:
        self.now = now
        self.call = 0

    def use(self) -> str:
        """Returns what it is doing."""
        return self.now

    def last_call(self) -> int:
        """Returns its last call."""
        return self.call


@pytest.fixture
def connections() -> PooledConnections:
    """Returns empty books with a leak after 1000 ms."""
    return PooledConnections(1000, 5000, lambda _: lambda: None)


def open_one(connections: PooledConnections, connection: Connection, key: int = 1) -> Connection:
    """Opens one at the beginning of time."""
    connections.direct.opened(key, connection, ADDRESS, Checkout("", 0))
    return connection


def test_a_pool_claims_its_connections(connections: PooledConnections) -> None:
    """What a pool hands out, or says is its own, is not counted as direct."""
    open_one(connections, Connection(), 1)
    open_one(connections, Connection(), 2)
    connections.direct.pooled(1)
    connections.checked_out(2, Checkout("pool", 0))
    connections.leaks(2000 * MS)
    assert connections.checkouts() == {"pool": 1}


def test_a_connection_is_counted_when_no_pool_has_claimed_it(connections: PooledConnections) -> None:
    """After a second, or at its end."""
    open_one(connections, Connection())
    connections.leaks(900 * MS)
    assert connections.checkouts() == {}
    connections.leaks(1000 * MS)
    connections.direct.closed(1, 1100 * MS)
    assert connections.checkouts() == {"h:5432/d#direct": 1}


def test_time_begins_anew_with_each_call(connections: PooledConnections) -> None:
    """An open transaction is overdue only after so long without a call."""
    connection = open_one(connections, Connection("in_transaction"))
    for now in range(0, 5000, 500):
        connection.call += 1
        assert connections.leaks(now * MS) == ()
    assert connections.leaks(5400 * MS) == ()
    (leak,) = connections.leaks(5500 * MS)
    assert (leak.kind, leak.held_ns) == ("in_transaction", 1000 * MS)
    assert connections.leaks(9000 * MS) == ()
    connection.call += 1
    connections.leaks(9100 * MS)
    (late,) = connections.returned_late()
    assert (late.leak, late.held_ns) == (leak, 4600 * MS)


def test_a_connection_found_closed_is_no_leak(connections: PooledConnections) -> None:
    """It may be collected afterwards."""
    open_one(connections, Connection("closed"))
    assert connections.leaks(10 * MS) == ()
    connections.direct.lost(1, 20 * MS)
    assert connections.leaks(30 * MS) == ()


def test_a_lost_connection_is_counted_at_once(connections: PooledConnections) -> None:
    """The count does not wait for the watch; the report is drained once."""
    open_one(connections, Connection())
    connections.direct.lost(1, 5 * MS)
    assert connections.leaked() == {("h:5432/d#direct", "abandoned"): 1, ("h:5432/d#direct", "in_transaction"): 0}
    assert [leak.kind for leak in connections.leaks(6 * MS)] == ["abandoned"]
    assert connections.leaks(7 * MS) == ()


def test_addresses_are_bounded(connections: PooledConnections) -> None:
    """A process that talks to more databases than there are labels counts the rest together."""
    for number in range(1200):
        connections.direct.opened(number, Connection(), ("h", number, "d"), Checkout("", 0))
        connections.direct.closed(number, 1)
    assert connections.checkouts()[OVERFLOW_NAME] == 200


def test_a_forked_child_has_none(connections: PooledConnections) -> None:
    """Connections are the parent's."""
    open_one(connections, Connection("in_transaction"))
    connections.after_fork()
    assert connections.leaks(9000 * MS) == ()
