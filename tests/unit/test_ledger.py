"""The books of delivery: started = delivered + lost + queued."""

from __future__ import annotations

import threading

from otelmon.ledger import Account, Counts, Ledger


def test_books_balance() -> None:
    """What is neither delivered nor lost is queued."""
    account = Account("otlp")
    for _ in range(10):
        account.start()
    account.deliver(6)
    account.lose("http_5xx", 3)
    assert account.counts() == Counts(10, 6, {"http_5xx": 3})
    assert account.counts().queued == 1


def test_losing_nothing_books_nothing() -> None:
    """A loss of no span opens no reason."""
    account = Account("otlp")
    account.lose("rejected", 0)
    assert account.counts().lost == {}


def test_write_off_books_the_rest_as_lost_to_the_shutdown() -> None:
    """At exit nothing stays queued, and the number is told."""
    account = Account("otlp")
    account.start()
    account.start()
    account.deliver(1)
    assert account.write_off() == 1
    assert account.counts() == Counts(2, 1, {"shutdown": 1})


def test_dropped_before_and_after_closing() -> None:
    """A span that a processor lets go was in a full queue, or came after the shutdown."""
    account = Account("otlp")
    account.dropped()
    account.closed = True
    account.dropped()
    assert account.counts().lost == {"queue_full": 1, "shutdown": 1}


def test_dropped_with_a_lock_held_for_ever_does_not_hang() -> None:
    """In a forked child the lock may belong to a thread that does not exist."""
    account = Account("otlp")
    account._lock.acquire()
    account.dropped()
    account.start()
    assert account.counts().started == 1


def test_same_name_gets_a_number() -> None:
    """Two exporters of one class have two accounts."""
    ledger = Ledger()
    assert [ledger.open("otlp").exporter for _ in range(3)] == ["otlp", "otlp#2", "otlp#3"]
    assert list(ledger.snapshot()) == ["otlp", "otlp#2", "otlp#3"]


def test_fork_empties_the_books() -> None:
    """A child starts at zero."""
    ledger = Ledger()
    ledger.open("otlp").start()
    ledger.after_fork()
    assert ledger.snapshot() == {"otlp": Counts()}
    assert len(ledger.accounts()) == 1


def test_counts_are_exact_under_threads() -> None:
    """No addition is lost when several threads book at once."""
    account = Account("otlp")

    def book() -> None:
        for _ in range(5_000):
            account.start()

    threads = [threading.Thread(target=book) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert account.counts().started == 20_000
