"""Decides, once connected, whether the connection may stay: never on one of the last slots, never through a pooler."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from otelmon.diagnostics.links import UnavailableError

if TYPE_CHECKING:
    from otelmon.diagnostics.links import Link

# Connections that must be free beside this one, for applications and for whoever has to look at the server.
FREE_SLOTS = 3
# Diagnostics connections to one database, of all processes together.
MOST_A_DATABASE = 8
POOLED = "pooler"
# Whoever counts sees every connection that counted before it, so that never more than the most stay.
# Only backends of clients take a slot of max_connections, CONNECTION LIMIT counts none but them either, and numbackends
# has workers of autovacuum and of parallel queries in it too. A role without pg_read_all_stats sees no backend_type of
# others, but their database and user: what runs for the server itself lacks one of them. It takes the parallel workers
# of others for clients, which errs to the careful side.
# Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
_SLOTS = """
WITH taken AS (
  SELECT datid, usesysid, datname, application_name FROM pg_stat_activity
  WHERE backend_type = 'client backend' OR backend_type IS NULL AND datid IS NOT NULL AND usesysid IS NOT NULL
)
SELECT json_build_object(
  'server', current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true)::int, 0)
    - (SELECT count(*) FROM taken),
  'role', (SELECT CASE WHEN rolconnlimit >= 0 THEN rolconnlimit - (SELECT count(*) FROM taken
    WHERE taken.usesysid = r.oid) END FROM pg_roles r WHERE rolname = current_user),
  'database', (SELECT CASE WHEN datconnlimit >= 0 THEN datconnlimit - (SELECT count(*) FROM taken
    WHERE taken.datid = d.oid) END FROM pg_database d WHERE datname = current_database()),
  'diagnostics', (SELECT count(*) FROM taken
    WHERE application_name = 'otelmon diagnostics' AND datname = current_database())
)::text
"""


def is_pooled(link: Link) -> bool:
    """Tells whether something between answers in the server's place.

    PgBouncer and its like tell a client a made-up process number, whichever server connection serves it in the end.

    Raises:
        UnavailableError: when the server does not say.
    """
    return link.ask(b"SELECT pg_backend_pid()::text") != str(link.told_pid)


def admit(link: Link) -> None:
    """Returns if the connection may stay.

    Raises:
        UnavailableError: when it must not, or the server does not say.
    """
    known = json.loads(link.ask(_SLOTS.encode()) or "{}")
    free = [known[name] for name in ("server", "role", "database") if known.get(name) is not None]
    if not free or min(free) < FREE_SLOTS:
        raise UnavailableError("no_free_slots")
    if known["diagnostics"] > MOST_A_DATABASE:
        raise UnavailableError("too_many_diagnostics")
