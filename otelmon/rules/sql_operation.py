"""Names what a statement does."""

from __future__ import annotations

import re

from otelmon.rules.sql_redaction import LONGEST_READ, redact_sql

OTHER = "OTHER"
OPERATIONS = frozenset(
    """
    SELECT INSERT UPDATE DELETE MERGE COPY CALL BEGIN COMMIT ROLLBACK SAVEPOINT RELEASE FETCH MOVE DECLARE CLOSE VALUES
    EXPLAIN SET RESET SHOW CREATE ALTER DROP TRUNCATE COMMENT GRANT REVOKE LOCK LISTEN NOTIFY UNLISTEN PREPARE EXECUTE
    DEALLOCATE DISCARD DO VACUUM ANALYZE CLUSTER REINDEX REFRESH CHECKPOINT
    """.split()  # noqa: SIM905 - a paragraph is easier to read than 50 quoted words
)
_SAME = {"START": "BEGIN", "END": "COMMIT", "ABORT": "ROLLBACK", "TABLE": "SELECT"}
_FIRST = re.compile(r"[\s(;]*([A-Za-z]+)")
_STEP = re.compile(r'"[^"]*"|([()])|\b(SELECT|INSERT|UPDATE|DELETE|MERGE|VALUES|TABLE)\b(?! AS\b)', re.IGNORECASE)


def operation_name(sql: str) -> str:
    """Returns the main verb of a statement from a closed set of upper-case words, else ``OTHER``.

    Comments and parentheses before it do not count; after WITH it is the verb that the common table expressions serve.
    """
    return operation_of(redact_sql(sql, LONGEST_READ))


def operation_of(statement: str) -> str:
    """Does the work of ``operation_name`` for a statement that is redacted already."""
    first = _FIRST.match(statement)
    verb = first.group(1).upper() if first else ""
    if first and verb == "WITH":
        verb = _verb_after_with(statement, first.end())
    verb = _SAME.get(verb, verb)
    return verb if verb in OPERATIONS else OTHER


def _verb_after_with(statement: str, position: int) -> str:
    """Returns the first verb outside of the parentheses that hold the common table expressions."""
    depth = 0
    for step in _STEP.finditer(statement, position):
        parenthesis, verb = step.groups()
        if parenthesis:
            depth += 1 if parenthesis == "(" else -1
        elif verb and depth <= 0:
            return str(verb).upper()
    return ""
