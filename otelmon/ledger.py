"""Books, per exporter, what became of every sampled span: started = delivered + lost by reason + queued.

The SDK counts a 401 and a partial success as exported (tests/unit/exporters/test_booking.py), so the
figures here come from what the exporter's own HTTP session saw.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

LossReason = Literal[
    "queue_full",
    "http_3xx",
    "http_4xx",
    "http_5xx",
    "refused",
    "tls",
    "timeout",
    "too_large",
    "rejected",
    "failed",
    "shutdown",
]


SECONDS_TO_WAIT_FOR_A_LOCK = 0.05


@dataclass(frozen=True, slots=True)
class Counts:
    """Holds the books of one exporter at one moment, in spans."""

    started: int = 0
    delivered: int = 0
    lost: Mapping[str, int] = field(default_factory=dict)

    @property
    def queued(self) -> int:
        """Returns the spans that are neither delivered nor lost yet."""
        return self.started - self.delivered - sum(self.lost.values())


class Account:
    """Keeps the books of one exporter; its lock is held for an addition only."""

    def __init__(self, exporter: str) -> None:
        self.exporter = exporter
        self.closed = False
        self.reset()

    def reset(self) -> None:
        """Empties the books, in a forked child as well: the lock of the parent may be held there for ever."""
        self._lock = threading.Lock()
        self._started = 0
        self._delivered = 0
        self._lost: dict[str, int] = {}

    def start(self) -> None:
        """Books one span handed to the exporting processor."""
        with self._lock:
            self._started += 1

    def deliver(self, spans: int) -> None:
        """Books spans that the receiver said it has taken."""
        with self._lock:
            self._delivered += spans

    def lose(self, reason: LossReason, spans: int = 1) -> None:
        """Books spans that will not arrive."""
        if spans <= 0:
            return
        with self._lock:
            self._lost[reason] = self._lost.get(reason, 0) + spans

    def dropped(self) -> None:
        """Books one span that the processor let go without an export: its queue was full, or it was shut down.

        Runs in a finalizer, and so also in a forked child that clears its inherited queue while a lock of the parent is
        held for ever; a lock that does not come free is replaced.
        """
        reason = "shutdown" if self.closed else "queue_full"
        if self._lock.acquire(timeout=SECONDS_TO_WAIT_FOR_A_LOCK):
            self._lost[reason] = self._lost.get(reason, 0) + 1
            self._lock.release()
        else:
            self._lock = threading.Lock()

    def counts(self) -> Counts:
        """Returns a consistent copy of the books."""
        with self._lock:
            return Counts(self._started, self._delivered, dict(self._lost))

    def write_off(self) -> int:
        """Books everything still queued as lost to the shutdown and returns how much that was."""
        self.closed = True
        queued = self.counts().queued
        self.lose("shutdown", queued)
        return max(0, queued)


class Ledger:
    """Holds one account per exporter."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}

    def open(self, exporter: str) -> Account:
        """Returns a new account; a second exporter of the same name gets a number behind it."""
        name, number = exporter, 1
        while name in self._accounts:
            number += 1
            name = f"{exporter}#{number}"
        account = self._accounts[name] = Account(name)
        return account

    def accounts(self) -> tuple[Account, ...]:
        """Returns every account, in the order of opening."""
        return tuple(self._accounts.values())

    def snapshot(self) -> dict[str, Counts]:
        """Returns the books of every exporter by its name."""
        return {name: account.counts() for name, account in tuple(self._accounts.items())}

    def after_fork(self) -> None:
        """Empties every account: the parent's spans are the parent's to deliver."""
        for account in self._accounts.values():
            account.reset()
