"""Decides what a statement does to the settings of its session, by which names are found and plans are made."""

from __future__ import annotations

import re
from typing import Literal

Change = Literal["none", "catalog", "restored", "changed"]
# A session without changes has nothing to reset, and of one with changes not all may be: RESET leaves the role.
# What leaves search_path, role, planner settings, temporary tables and the catalog as they are.
_HARMLESS = frozenset(
    """
    SELECT VALUES INSERT UPDATE DELETE MERGE COPY BEGIN COMMIT ROLLBACK SAVEPOINT RELEASE FETCH MOVE DECLARE CLOSE
    EXPLAIN SHOW LISTEN NOTIFY UNLISTEN LOCK PREPARE DEALLOCATE CHECKPOINT CONNECT DISCONNECT VACUUM
    ANALYZE RESET
    """.split()  # noqa: SIM905 - a paragraph is easier to read than 30 quoted words
)
# What makes or takes away objects, so that names can mean others, but leaves the session as it is.
_CATALOG = frozenset("CREATE ALTER DROP TRUNCATE COMMENT GRANT REVOKE CLUSTER REINDEX REFRESH".split())  # noqa: SIM905 - likewise
_WITHOUT_TEXT = frozenset(
    ("BEGIN", "COMMIT", "ROLLBACK", "FETCH", "MOVE", "CLOSE", "PREPARE", "CONNECT", "DISCONNECT", "RESET")
)
_TEMPORARY = re.compile(r"CREATE (?:OR REPLACE )?(?:LOCAL |GLOBAL )?TEMP", re.IGNORECASE)
_RESTORING = re.compile(r"DISCARD ALL;?", re.IGNORECASE)
_SETS = re.compile(r"\b(?:set_config|SET|RESET|DISCARD|CREATE|ALTER|DROP|DO|CALL|EXECUTE)\b", re.IGNORECASE)
_HIDDEN = re.compile(r"\bset_config\b|\bINTO (?:TEMP|TEMPORARY|UNLOGGED|TABLE)\b", re.IGNORECASE)
# Longer texts may have been cut.
_WHOLE = 4000


def session_change(operation: str, text: str) -> Change:
    """Returns what a statement may have changed; a text that cannot be judged counts as a change.

    Args:
        operation: its operation name.
        text: the redacted text; empty where there is none, or where none may be kept.

    What a function or a trigger does to the session is not seen here.
    """
    if _RESTORING.fullmatch(text):
        return "restored"
    several = ";" in text.rstrip("; ")
    if operation in _CATALOG and text and not several and not _TEMPORARY.match(text):
        return "catalog"
    if operation not in _HARMLESS or (not text and operation not in _WITHOUT_TEXT) or len(text) >= _WHOLE:
        return "changed"
    return "changed" if (_SETS if several else _HIDDEN).search(text) else "none"
