"""Names what a statement does."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Za-z]+")
OPERATIONS = frozenset(
    "SELECT INSERT UPDATE DELETE MERGE COPY CALL BEGIN COMMIT ROLLBACK FETCH SET SHOW EXPLAIN CREATE ALTER DROP "
    "TRUNCATE SAVEPOINT RELEASE LISTEN NOTIFY UNLISTEN DECLARE CLOSE EXECUTE PREPARE DEALLOCATE DO LOCK VALUES".split()
)


def operation_name(sql: str) -> str:
    """Returns the main verb of a statement from a closed set, else ``OTHER``."""
    word = _WORD.search(sql)
    verb = word.group().upper() if word else ""
    return verb if verb in OPERATIONS else "OTHER"
