"""Whatever the application, the SDK or a driver can call into is behind the guard, or in a short list with a reason."""

from __future__ import annotations

from tests.fault.entries import Entry, entries
from tests.fault.exceptions import EXCEPTIONS, GUARDED_WITHIN, ITS_OWN, PLAIN, UNDOING


def unexplained(entry: Entry) -> list[str]:
    """Returns what an entry calls of otelmon's without the guard and without one of the general reasons."""
    if entry.name.rpartition(".")[2] in UNDOING:
        return []
    known = ITS_OWN | GUARDED_WITHIN | PLAIN
    return [each for each in entry.unguarded if each.replace(" ", "") not in known]


def names(entry: Entry) -> set[tuple[str, str]]:
    """Returns the keys under which an entry may be excepted."""
    return {(entry.file, entry.name), (entry.file, "*")}


def test_the_audit_sees_the_entries() -> None:
    """The ways in that there have to be are among those that are found."""
    found = {(each.file, each.name) for each in entries()}
    assert {
        ("hooks/psycopg2/cursors.py", "ObservedCursor.execute"),
        ("hooks/urllib3.py", "_answering.getresponse"),
        ("launch/adopt.py", "Adoption._wrap.marking_on_end"),
        ("processors/promoting.py", "PromotingSpanProcessor.on_end"),
        ("gauges/instruments.py", "_callback.callback"),
    } <= found
    assert len(found) > 150


def test_every_entry_is_behind_the_guard_or_excepted() -> None:
    """An entry that calls otelmon's code by itself has its reason in the list."""
    found = {each: unexplained(each) for each in entries()}
    assert {
        (each.file, each.name): calls for each, calls in found.items() if calls and not names(each) & set(EXCEPTIONS)
    } == {}


def test_no_exception_is_out_of_date() -> None:
    """What needs no exception any more has none."""
    needed = set().union(*(names(each) for each in entries() if unexplained(each)))
    assert set(EXCEPTIONS) - needed == set()
