"""What is known of a statement, prepared once for each text that comes again."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field

from otelmon.rules.sql_operation import operation_of
from otelmon.rules.sql_redaction import redact_sql
from otelmon.rules.sql_summary import query_summary

# As much of a text as a span may show; a cut literal is an unterminated one, which is hidden whole.
LONGEST = 4096
# Bytes carry their values and so hardly ever come again: only as much is read as names operation and table.
LONGEST_BYTES = 1024
_LONGEST_REMEMBERED = 2048
_REMEMBERED = 512
_ONE_NAME = re.compile(r'(?:"[^"]+"|[^\s"])+')
# A procedure is called, not read from: its name is no collection.
_WITHOUT_COLLECTION = frozenset(("CALL", "DECLARE", "FETCH", "MOVE", "CLOSE", "EXECUTE", "PREPARE"))


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """Holds operation, summary, collection and redacted text of a statement; empty where there is none."""

    operation: str
    summary: str
    collection: str = ""
    text: str = ""
    attributes: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepares the attributes of a span, which nobody changes afterwards."""
        known = {
            "db.operation.name": self.operation,
            "db.query.summary": self.summary,
            "db.collection.name": self.collection,
            "db.query.text": self.text,
        }
        object.__setattr__(self, "attributes", {key: value for key, value in known.items() if value})


def statement_facts(statement: object, *, with_text: bool = True) -> StatementFacts:
    """Returns the facts of a statement as an application gives it.

    Args:
        statement: text or bytes of any length and content; anything else is a statement without text.
        with_text: whether its redacted text may be shown.
    """
    if isinstance(statement, str):
        # Past any method that a subclass of str may have: slicing gives a plain str.
        text = statement if type(statement) is str else str.__getitem__(statement, slice(LONGEST))
        if len(text) <= _LONGEST_REMEMBERED:
            return _remembered(text, with_text)
        return _facts(text[:LONGEST], with_text)
    if isinstance(statement, (bytes, bytearray)):
        return _facts(bytes(statement[:LONGEST_BYTES]).decode("utf-8", "replace"), with_text)
    return _remembered("", with_text)


def _facts(text: str, with_text: bool) -> StatementFacts:
    redacted = redact_sql(text, LONGEST)
    operation, summary = operation_of(redacted), query_summary(text)
    return StatementFacts(operation, summary, _collection(operation, summary), redacted if with_text else "")


_remembered = functools.lru_cache(maxsize=_REMEMBERED)(_facts)


def _collection(operation: str, summary: str) -> str:
    """Returns the one table that a statement works on; of several, none stands for all."""
    table = summary[len(operation) + 1 :]
    return table if operation not in _WITHOUT_COLLECTION and _ONE_NAME.fullmatch(table) else ""
