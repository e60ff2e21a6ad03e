"""The law of conservation: started = delivered, as the receiver counts it, + lost by reason + queued.

Everything is over when the books are read, so nothing is queued any more.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.conservation import ledger_witness
from tests.otlp_sink import OtlpSink

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

DISTRIBUTION = "ledger_witness-1.0.dist-info"
ENTRY_POINTS = (
    "[opentelemetry_pre_instrument]\nledger_witness = ledger_witness:count\n"
    "[opentelemetry_post_instrument]\nledger_witness = ledger_witness:begin\n"
)
SITE = "import ledger_witness\n\nledger_witness.begin_without_a_wrapper()\n"


@dataclass(frozen=True)
class Book:
    """What one process has booked at its end.

    Attributes:
        accounts: by exporter: started, delivered and lost, which is by reason.
        handed: spans that the SDK was seen to be handed; None where nobody counted.
    """

    accounts: Mapping[str, Mapping[str, object]]
    handed: int | None


def unbalanced(books: Iterable[Book], accepted: int, *, complete: bool) -> list[str]:
    """Returns each sentence in which the books contradict themselves or the receiver.

    Args:
        books: of every process that ended in order.
        accepted: spans that the receiver said it had taken.
        complete: whether each process that exported has left a book.
    """
    found, delivered = [], 0
    for book in books:
        started = 0
        for exporter, account in book.accounts.items():
            lost = sum(account["lost"].values())  # type: ignore[attr-defined]
            if account["started"] != account["delivered"] + lost:  # type: ignore[operator]
                found.append(f"{exporter}: {account['started']} started, {account['delivered']} + {lost} at the end")
            started += account["started"]  # type: ignore[operator]
            delivered += account["delivered"]  # type: ignore[operator]
        if book.handed and started != book.handed:
            found.append(f"{started} started, {book.handed} were handed to batch processors")
    if delivered > accepted or (complete and delivered != accepted):
        found.append(f"{delivered} booked as delivered, {accepted} taken by the receiver")
    return found


class BookedSink(OtlpSink):
    """A receiver for applications whose books are held against what it took.

    Attributes:
        incomplete: why some process leaves no book, such as one that is killed; empty where each does.
        forking: whether processes are forked while others of their threads run. Then coverage.py must not look on: a
            thread may hold its lock at the fork, and the child waits for it for ever.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.incomplete = ""
        self.forking = False
        self._books, self._path = folder / "books", folder / "path"
        self._books.mkdir()
        (self._path / DISTRIBUTION).mkdir(parents=True)
        (self._path / DISTRIBUTION / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: ledger-witness\nVersion: 1.0\n"
        )
        (self._path / DISTRIBUTION / "entry_points.txt").write_text(ENTRY_POINTS)
        (self._path / "sitecustomize.py").write_text(SITE)
        shutil.copy(ledger_witness.__file__, self._path)

    def environment(self, *path: Path | str, **chosen: str) -> dict[str, str]:
        """Returns the variables of an application: the machine's own, and those that lead here.

        Args:
            path: more entries of ``PYTHONPATH``, before the witness.
            chosen: variables that win.
        """
        left_out = ("OTEL_", "OTELMON_", "COVERAGE_") if self.forking else ("OTEL_", "OTELMON_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        return kept | {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.endpoint,
            "PYTHONPATH": os.pathsep.join(map(str, (*path, self._path))),
            ledger_witness.FOLDER: str(self._books),
            **chosen,
        }

    def books(self) -> list[Book]:
        """Returns the books of every process that has ended in order."""
        return [Book(**json.loads(path.read_text())) for path in sorted(self._books.iterdir())]

    def accepted(self) -> int:
        """Returns how many spans it has taken."""
        return len(self.spans())

    def lost(self) -> dict[str, int]:
        """Returns what all of them have lost, by reason."""
        found: dict[str, int] = {}
        for account in (each for book in self.books() for each in book.accounts.values()):
            for reason, spans in account["lost"].items():  # type: ignore[attr-defined]
                found[reason] = found.get(reason, 0) + spans
        return found

    def started(self) -> int:
        """Returns the spans that all of them have started."""
        return sum(each["started"] for book in self.books() for each in book.accounts.values())  # type: ignore[misc]

    def assert_conserved(self) -> None:
        """Raises AssertionError unless the books balance and say what was taken here."""
        contradictions = unbalanced(self.books(), self.accepted(), complete=not self.incomplete)
        booked = self.lost().get("rejected", 0)
        if not self.incomplete and booked != self.rejected:
            contradictions.append(f"{booked} booked as rejected, {self.rejected} were")
        assert not contradictions, (contradictions, self.books())
