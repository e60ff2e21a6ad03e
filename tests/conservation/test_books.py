"""Books that contradict themselves, or the receiver, are found out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.conservation.books import Book, BookedSink, unbalanced

if TYPE_CHECKING:
    from collections.abc import Iterator

WRAPPER = str(Path(sys.executable).parent / "opentelemetry-instrument")
PROGRAM = dedent("""\
    import sys
    from opentelemetry import trace
    from otelmon.ledger import Account
    deliver, start, lose = Account.deliver, Account.start, Account.lose
    off = int(sys.argv[2])
    if sys.argv[1] == "deliver":
        Account.deliver = lambda self, spans: deliver(self, spans + off)
    if sys.argv[1] == "lose":
        Account.lose = lambda self, reason, spans=1: lose(self, reason, spans + off if reason == "rejected" else spans)
    if sys.argv[1] == "start":
        started = []
        def once_wrong(self):
            started.append(1)
            for _ in range(1 + off if len(started) == 1 else 1):
                start(self)
        Account.start = once_wrong
    for _ in range(10):
        trace.get_tracer("booked").start_span("x").end()
    """)


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[BookedSink]:
    """Yields a receiver whose books are looked at by the test itself."""
    opened = BookedSink(tmp_path)
    yield opened
    opened.close()


def run(receiver: BookedSink, what: str, off: int) -> None:
    """Runs a program whose ledger is wrong by so much in one of its columns."""
    command = [WRAPPER, sys.executable, "-c", PROGRAM, what, str(off)]
    done = subprocess.run(command, env=receiver.environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("what", "off"), [("deliver", -1), ("start", 1), ("lose", -1)])
def test_a_ledger_off_by_one_fails(receiver: BookedSink, what: str, off: int) -> None:
    """One span too many or too few, in any column, of a real process that delivered everything."""
    receiver.rejects = 0.3 if what == "lose" else 0.0
    run(receiver, what, off)
    assert receiver.books()
    with pytest.raises(AssertionError):
        receiver.assert_conserved()


def test_a_true_ledger_passes(receiver: BookedSink) -> None:
    """The same program with a true ledger balances, also where a part is rejected."""
    receiver.rejects = 0.3
    run(receiver, "nothing", 0)
    assert (receiver.started(), receiver.lost(), len(receiver.spans())) == (10, {"rejected": 3}, 7)
    receiver.assert_conserved()


@pytest.mark.parametrize(
    ("book", "accepted", "complete", "balanced"),
    [
        (Book({"otlp": {"started": 3, "delivered": 2, "lost": {"refused": 1}}}, 3), 2, True, True),
        (Book({"otlp": {"started": 3, "delivered": 2, "lost": {}}}, 3), 2, True, False),
        (Book({"otlp": {"started": 3, "delivered": 2, "lost": {"refused": 1}}}, 4), 2, True, False),
        (Book({"otlp": {"started": 3, "delivered": 3, "lost": {}}}, 3), 2, False, False),
        (Book({"otlp": {"started": 3, "delivered": 3, "lost": {}}}, 3), 4, True, False),
        (Book({"otlp": {"started": 3, "delivered": 3, "lost": {}}}, 3), 4, False, True),
    ],
)
def test_law(book: Book, accepted: int, complete: bool, balanced: bool) -> None:
    """What has started is delivered or lost, the receiver took what is delivered, and batch processors got as much."""
    assert (unbalanced([book], accepted, complete=complete) == []) is balanced
