"""What is known of a statement, prepared once for each text that comes again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from otelmon.calls.prepared_attributes import PreparedAttributes
from otelmon.rules.n_plus_one import repetition_of
from otelmon.rules.sql_fingerprint import fingerprint_of
from otelmon.rules.sql_operation import OTHER, operation_of
from otelmon.rules.sql_redaction import redact_sql
from otelmon.rules.sql_summary import query_summary

if TYPE_CHECKING:
    from otelmon.rules.n_plus_one import Repetition

# What stands for a text that is no statement of PostgreSQL, of which nobody knows what is in it.
UNREADABLE = "?"
# As much of a text as a span may show; a cut literal is an unterminated one, which is hidden whole.
LONGEST = 4096
# Bytes carry their values and so hardly ever come again: only as much is read as names operation and table.
LONGEST_BYTES = 1024
_LONGEST_REMEMBERED = 2048
_LONGEST_COMPARED = 1_000_000
_REMEMBERED = 1024
_ONE_NAME = re.compile(r'(?:"[^"]+"|[^\s"])+')
# A procedure is called, not read from: its name is no collection.
_WITHOUT_COLLECTION = frozenset(("CALL", "DECLARE", "FETCH", "MOVE", "CLOSE", "EXECUTE", "PREPARE"))


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """Holds operation, summary, collection and redacted text of a statement; empty where there is none.

    ``literals`` is equal for equal texts within this process, None where that is not known.
    """

    operation: str
    summary: str
    collection: str = ""
    text: str = ""
    fingerprint: str = ""
    repetition: Repetition = "never"
    literals: int | None = None
    attributes: PreparedAttributes = field(init=False, repr=False, compare=False)
    key: tuple[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepares the attributes of a span, which nobody changes afterwards, and what metrics tell apart."""
        known = {
            "db.operation.name": self.operation,
            "db.query.summary": self.summary,
            "db.collection.name": self.collection,
            "db.query.text": self.text,
        }
        object.__setattr__(
            self, "attributes", PreparedAttributes({key: value for key, value in known.items() if value})
        )
        object.__setattr__(self, "key", (self.operation, self.collection))


def statement_facts(statement: object, *, with_text: bool = True) -> StatementFacts:
    """Returns the facts of a statement as an application gives it.

    Args:
        statement: text or bytes of any length and content; anything else is a statement without text.
        with_text: whether its redacted text may be shown.
    """
    if isinstance(statement, str):
        # Past any method that a subclass of str may have: slicing gives a plain str.
        return _facts(str.__getitem__(statement, slice(_LONGEST_COMPARED)), with_text=with_text)
    if isinstance(statement, (bytes, bytearray)):
        start = bytes(statement[:LONGEST_BYTES]).decode("utf-8", "replace")
        return _facts_of(start, None, with_text=with_text, is_cut=len(statement) > LONGEST_BYTES)
    return _facts("", with_text=with_text)


class StatementTable:
    """Knows the statements that come again, at most ``limit``; the facts of others are found anew each time.

    Args:
        with_text: whether redacted text may be shown.
        limit: most statements.
    """

    def __init__(self, *, with_text: bool, limit: int = _REMEMBERED) -> None:
        self._with_text = with_text
        self._limit = limit
        self._known: dict[str, StatementFacts] = {}

    def facts(self, statement: object) -> StatementFacts:
        """Returns the facts of a statement as an application gives it."""
        if type(statement) is not str:
            return statement_facts(statement, with_text=self._with_text)
        return self._known.get(statement) or self._learned(statement)

    def _learned(self, text: str) -> StatementFacts:
        facts = statement_facts(text, with_text=self._with_text)
        if len(text) > _LONGEST_REMEMBERED:
            return facts
        if len(self._known) >= self._limit:
            # Those in use are back at once, at the price of one look each.
            self._known.clear()
        return self._known.setdefault(text, facts)


def _facts(text: str, *, with_text: bool) -> StatementFacts:
    # Beyond any statement that is worth the time, equal texts are not recognized.
    literals = hash(text) if len(text) < _LONGEST_COMPARED else None
    return _facts_of(text[:LONGEST], literals, with_text=with_text, is_cut=len(text) > LONGEST)


def _facts_of(text: str, literals: int | None, *, with_text: bool, is_cut: bool) -> StatementFacts:
    redacted = redact_sql(text, LONGEST)
    operation, summary = operation_of(redacted), query_summary(text)
    shown = redacted if operation != OTHER or not redacted else UNREADABLE
    return StatementFacts(
        operation,
        summary,
        _collection(operation, summary),
        shown if with_text else "",
        fingerprint_of(redacted, is_cut=is_cut),
        repetition_of(text, operation, summary, redacted),
        literals,
    )


def _collection(operation: str, summary: str) -> str:
    """Returns the one table that a statement works on; of several, none stands for all."""
    table = summary[len(operation) + 1 :]
    return table if operation not in _WITHOUT_COLLECTION and _ONE_NAME.fullmatch(table) else ""
