"""What the observer has to know of a server before it reads views, and whether it is still the same server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SERVER = """
SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS in_recovery,
    pg_postmaster_start_time() AS started_at, clock_timestamp() AS now,
    COALESCE(host(inet_server_addr()) || ':' || inet_server_port(), 'local') AS address,
    current_database() AS database, current_user AS role
"""
# From the catalog, which everybody may read, so that a schema without rights is told from none at all.
COLUMNS = """
SELECT c.relname AS view, array_agg(a.attname::text) AS columns
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = 'otelmon' AND c.relkind = 'v'
GROUP BY c.relname
"""
VERSION = "SELECT max(version) AS version FROM otelmon.schema_version"


@dataclass(frozen=True, slots=True)
class Server:
    """Holds what identifies a server and what it is now."""

    version: str
    in_recovery: bool
    started_at: datetime
    seen_at: datetime
    address: str
    database: str
    role: str

    @classmethod
    def of(cls, row: Mapping[str, object]) -> Server:
        """Returns the server that a row of SERVER describes."""
        started, now = row["started_at"], row["now"]
        known = started if isinstance(started, datetime) else datetime.min  # noqa: DTZ901 - never: the server has one
        seen = now if isinstance(now, datetime) else known
        texts = (str(row[name]) for name in ("address", "database", "role"))
        return cls(str(row["version"]), bool(row["in_recovery"]), known, seen, *texts)


@dataclass(frozen=True, slots=True)
class Change:
    """Says what is different from the last time; ``other`` means that no count of before goes on."""

    other: bool = False
    restarted: bool = False
    promoted: bool = False


def change(before: Server | None, now: Server) -> Change:
    """Compares a server with the one seen before.

    A server that was running already when the one before was last seen, with another start, is another one: so a
    failover is noticed behind an address that stays. Started later than that, it is taken for the same one restarted.
    """
    if before is None:
        return Change()
    restarted = now.started_at != before.started_at
    other = now.address != before.address or (restarted and now.started_at < before.seen_at)
    return Change(other, restarted and not other, not other and now.in_recovery != before.in_recovery)


def columns(rows: Sequence[Mapping[str, object]]) -> dict[str, frozenset[str]]:
    """Returns the columns of each view of the schema as it is installed."""
    return {str(row["view"]): frozenset(_texts(row["columns"])) for row in rows}


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
