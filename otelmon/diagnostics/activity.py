"""Asks what server processes are doing, and who blocks them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    from otelmon.diagnostics.links import Link

_WITH_QUERY_ID = 140_000
# pg_blocking_pids locks the server's table of locks for a moment, so only those are asked about that wait for a lock.
_QUESTION = """
SELECT coalesce(json_agg(json_build_object(
  'pid', a.pid, 'state', a.state, 'wait_event_type', a.wait_event_type, 'wait_event', a.wait_event,
  'query_id', {query_id}, 'port', a.client_port, 'query', a.query,
  'is_whole', octet_length(a.query) < pg_size_bytes(current_setting('track_activity_query_size')) - 1,
  'blockers', (SELECT coalesce(json_agg(json_build_object(
    'pid', b.pid, 'state', s.state, 'waits', coalesce(s.wait_event_type = 'Lock', false))), '[]')
    FROM unnest(CASE WHEN a.wait_event_type = 'Lock' THEN pg_blocking_pids(a.pid) END) AS b (pid)
    LEFT JOIN pg_stat_activity s ON s.pid = b.pid)
)), '[]')::text
FROM pg_stat_activity a WHERE a.pid = ANY ('{{{pids}}}'::int[])
"""


class Blocker(NamedTuple):
    """Holds a server process that another one waits for; ``waits`` where it waits for a lock itself."""

    pid: int
    state: str | None
    waits: bool


class Activity(NamedTuple):
    """Holds what one server process is doing; ``text`` is None where it was cut, ``port`` is -1 for a Unix socket."""

    pid: int
    state: str | None
    wait_event_type: str | None
    wait_event: str | None
    query_id: int | None
    port: int | None
    text: str | None
    blockers: tuple[Blocker, ...]


def activities(link: Link, pids: Collection[int]) -> dict[int, Activity]:
    """Returns what server processes are doing, by number; one that may not be looked at has neither state nor text.

    Raises:
        UnavailableError: when the server does not say.
    """
    has_id = link.server_version >= _WITH_QUERY_ID
    question = _QUESTION.format(query_id="a.query_id::text" if has_id else "NULL", pids=",".join(map(str, pids)))
    rows = json.loads(link.ask(question.encode()) or "[]")
    return {row["pid"]: _activity(row) for row in rows}


def _activity(row: dict[str, Any]) -> Activity:
    return Activity(
        row["pid"],
        row["state"],
        row["wait_event_type"],
        row["wait_event"],
        int(row["query_id"]) if row["query_id"] else None,
        row["port"],
        row["query"] if row["is_whole"] else None,
        tuple(Blocker(each["pid"], each["state"], each["waits"]) for each in row["blockers"]),
    )
