"""Faults of a standby: it replays nothing, it lags, it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.drill.loop import Loops
from demo.drill.sessions import execute
from demo.parts import postgres
from otelmon.operate.drill.fault import Consequence, Fault, Stage

if TYPE_CHECKING:
    from demo.drill.situation import Situation

STANDBY = "standby"
WRITTEN = "CREATE TABLE IF NOT EXISTS written (n bigint, filler text)"
# About 1 MiB of log a thousand rows.
ROWS = "INSERT INTO written SELECT n, repeat('y', 950) FROM generate_series(1, {0}) AS n"


def lag(here: Situation) -> Fault:
    """A standby that receives and does not apply, while the primary writes ever more."""
    loops, primary = Loops(), here.application_url("ledger")
    standby = here.places.standby

    def pause() -> None:
        execute(primary, WRITTEN)
        execute(standby.admin_url, "SELECT pg_wal_replay_pause()")
        loops.begin(lambda: execute(primary, ROWS.format(10)), 5.0)

    def write(thousands: int) -> None:
        for _ in range(thousands // 10):
            execute(primary, ROWS.format(10_000))

    def restore() -> None:
        loops.end()
        execute(standby.admin_url, "SELECT pg_wal_replay_resume()")
        execute(primary, "TRUNCATE written")

    of_primary = {"server": here.places.ledger.address}
    return Fault(
        "replication-lag",
        (
            Stage(
                ("OtelmonStandbyStale", "warning"), "replay paused on the standby, a little written", pause,
                {"server": standby.address}, ripens=60.0,
            ),
            Stage(("OtelmonReplicationLag", "warning"), "80 MB more written", lambda: write(80), of_primary),
            Stage(("OtelmonReplicationLag", "critical"), "80 MB more written", lambda: write(80), of_primary),
        ),
        restore,
        takes=frozenset({STANDBY}),
    )  # fmt: skip


def gone(here: Situation) -> Fault:
    """A standby that is stopped."""
    stage = Stage(
        ("OtelmonStandbyGone", "warning"), "the standby stopped", lambda: here.supervisor.stop_part(STANDBY),
        {"server": here.places.ledger.address}, also=(
            Consequence("OtelmonDatabaseDown", "a standby is a server too", {"server": here.places.standby.address}),
            Consequence("OtelmonObserverBlind", "its observer sees nothing", {"server": here.places.standby.address}),
        ),
    )  # fmt: skip
    return Fault(
        "standby-gone",
        (stage,),
        lambda: here.supervisor.start_again(STANDBY, lambda: postgres.accepts(here.places.standby.admin_url)),
        takes=frozenset({STANDBY}),
    )
