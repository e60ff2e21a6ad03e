"""What /livez, /readyz and /status say: documents made of the snapshot alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from otelmon.operate.observe import reasons
from otelmon.operate.observe.gauges import GRACE_SECONDS, STALE_AFTER

if TYPE_CHECKING:
    from otelmon.operate.observe.board import Snapshot, ViewState

STUCK_AFTER_SECONDS = 60.0
PASS, WARN, FAIL = "pass", "warn", "fail"
HEALTH = "application/health+json"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """Holds one answer of the health service."""

    status: int
    media_type: str
    document: dict[str, object]


def answer(path: str, snapshot: Snapshot, now: float) -> Answer:
    """Returns the answer to a path.

    Args:
        path: /livez, /readyz or /status.
        snapshot: what the observer knows.
        now: of the clock that the snapshot's times are of.
    """
    if path == "/livez":
        return livez(snapshot, now)
    if path == "/readyz":
        return readyz(snapshot, now)
    if path == "/status":
        return Answer(200, JSON, status(snapshot, now))
    return Answer(404, JSON, {"error": "there are /livez, /readyz and /status"})


def livez(snapshot: Snapshot, now: float) -> Answer:
    """Tells whether the observing thread goes on, whatever the database does."""
    alive = now - snapshot.alive_at < STUCK_AFTER_SECONDS
    return Answer(200 if alive else 503, HEALTH, {"status": PASS if alive else FAIL})


def readyz(snapshot: Snapshot, now: float) -> Answer:
    """Tells whether the database is being observed: connected, and views that are due are read."""
    unread = sorted(name for name, view in snapshot.views.items() if not fresh(view, now))
    ready = snapshot.connected and len(unread) < len(snapshot.views)
    verdict = FAIL if not ready else WARN if unread else PASS
    document: dict[str, object] = {"status": verdict}
    if not snapshot.connected:
        document["output"] = snapshot.reason
    elif unread:
        document["notes"] = [f"{name}: {snapshot.views[name].reason}" for name in unread]
    return Answer(200 if ready else 503, HEALTH, document)


def fresh(view: ViewState, now: float) -> bool:
    """Tells whether a view was read the last time it was due."""
    age = view.age(now)
    readable = view.reason in (reasons.OK, reasons.OUTDATED)
    return readable and age is not None and age <= STALE_AFTER * view.every + GRACE_SECONDS


def status(snapshot: Snapshot, now: float) -> dict[str, object]:
    """Returns everything that the observer knows of itself; no secret, no text of a statement."""
    server = snapshot.server
    return {
        "connected": snapshot.connected,
        "reason": snapshot.reason,
        "detail": snapshot.detail,
        "server_version": server.version if server else None,
        "database": server.database if server else None,
        "role": server.role if server else None,
        "in_recovery": server.in_recovery if server else None,
        "schema_version": snapshot.schema_version,
        "pg_stat_statements": snapshot.statements,
        "views": {name: view_status(view, now) for name, view in snapshot.views.items()},
    }


def view_status(view: ViewState, now: float) -> dict[str, object]:
    """Returns what became of the last look at one view."""
    age = view.age(now)
    read_at = None if view.read_at_unix is None else datetime.fromtimestamp(view.read_at_unix, timezone.utc).isoformat()
    return {
        "reason": view.reason,
        "detail": view.detail,
        "last_success": read_at,
        "age_seconds": None if age is None else round(age, 3),
        "every_seconds": view.every,
        "rows": view.rows,
        "ms": None if view.seconds is None else round(view.seconds * 1000, 3),
    }
