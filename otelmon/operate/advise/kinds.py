"""The questions that advice answers, each with its title, and what it looks for."""

from __future__ import annotations

from dataclasses import dataclass

PERFORMANCE, SPACE, SAFETY = "PERFORMANCE", "SPACE", "SAFETY"


@dataclass(frozen=True, slots=True)
class Kind:
    """Describes one question."""

    title: str
    description: str
    categories: tuple[str, ...] = (PERFORMANCE,)


KINDS = {
    "unused_index": Kind(
        "Unused index", "An index that no node has read since its statistics began, though writes pay for it."
    ),
    "duplicate_index": Kind("Duplicate index", "An index that is the same as another one of its table."),
    "duplicate_constraint": Kind("Duplicate constraint", "Two constraints that enforce the same thing."),
    "redundant_index": Kind("Redundant index", "An index whose searches a wider index of the table answers too."),
    "invalid_index": Kind("Invalid index", "An index that answers no query, left by a build that failed."),
    "missing_foreign_key_index": Kind(
        "Foreign key without index", "Deletes in the referenced table read the whole referencing table."
    ),
    "sequential_scans": Kind("Read sequentially", "A large table that is often read from end to end."),
    "never_analyzed": Kind("Never analyzed", "A table that the planner knows nothing of."),
    "vacuum_needed": Kind("Vacuum needed", "Dead rows above the threshold, and nothing that removes them.", (SPACE,)),
    "bloat": Kind("Bloat", "A table most of whose pages hold no live row, by estimate.", (SPACE,)),
    "sequence_near_end": Kind("Sequence near its end", "Inserts fail when no number is left.", (SAFETY,)),
    "wraparound": Kind("Wraparound", "The server stops writes when transaction ids run out.", (SAFETY,)),
    "setting": Kind("Setting", "A setting that costs performance or sight, or risks the data.", (PERFORMANCE, SAFETY)),
    "inactive_slot": Kind("Inactive replication slot", "A slot that keeps log for nobody.", (SPACE, SAFETY)),
    "open_transaction": Kind("Open transaction", "A transaction that is open for long now.", (PERFORMANCE,)),
    "heavy_statement": Kind("Heavy statement", "One of the statements that take most time.", (PERFORMANCE,)),
    "unreadable": Kind("Not seen", "What this run could not look at.", (SAFETY,)),
}
