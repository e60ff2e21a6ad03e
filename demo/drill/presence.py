"""Faults of those who watch: databases, observers, services, watch threads, the Collector, alerting itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from demo.drill.http import number_at, told
from demo.drill.sessions import execute
from demo.drill.stack import HEARTBEATS
from demo.parts import postgres
from demo.parts.waiting import answers
from otelmon.operate.drill.fault import Consequence, Fault, Stage

if TYPE_CHECKING:
    from pathlib import Path

    from demo.drill.situation import Situation

# The dead man's switch and signs of life come every 30 s and 10 s.
SECONDS_OF_SILENCE = 60.0
SECONDS_WITHOUT_PING = 30.0
COLD = (
    Consequence("OtelmonCacheDegraded", "a service begins again with empty caches", {"service": "batch"}),
    Consequence("OtelmonCanaryAbsent", "a service that is away sends no canaries", {"service": "batch"}),
)
# What the Collector's silence looks like to those who watch what sends through it.
HIDDEN = (
    Consequence("OtelmonServiceSilent", "services send through the Collector"),
    Consequence("OtelmonObserverAbsent", "observers send through the Collector"),
    Consequence("OtelmonSpansLost", "what a service cannot send for long is lost"),
    Consequence("OtelmonBackendDown", "its exporters send nothing until it is back"),
    Consequence("OtelmonStandbyGone", "the primary's observer tells of it through the Collector"),
    Consequence("OtelmonCanaryAbsent", "canaries go through the Collector"),
)
EVERYTHING = frozenset(
    {"services", "batch", "reports", "collector", "jaeger", "sentry", "disk", "standby", "ledger", "archive",
     "contributors database", "sessions", "pace of calls", "github refusals", "core of reports", "alerting"}
)  # fmt: skip


def database_down(here: Situation) -> Fault:
    """A server that is stopped."""
    stopped = {"server": here.places.archive.address}
    stage = Stage(
        ("OtelmonDatabaseDown", "critical"), "a server stopped", lambda: here.supervisor.stop_part("postgres-archive"),
        stopped, also=(Consequence("OtelmonObserverBlind", "its observer sees nothing", stopped),),
    )  # fmt: skip
    return Fault(
        "database-down",
        (stage,),
        lambda: here.supervisor.start_again(
            "postgres-archive", lambda: postgres.accepts(here.places.archive.admin_url)
        ),
        takes=frozenset({"archive"}),
    )


def observer_absent(here: Situation) -> Fault:
    """An observer that is killed."""
    name = "observer-contributors"
    stage = Stage(
        ("OtelmonObserverAbsent", "critical"), "an observer killed", lambda: here.supervisor.kill_part(name),
        {"server": here.places.contributors.address},
    )  # fmt: skip
    return Fault(
        "observer-absent",
        (stage,),
        lambda: here.supervisor.start_again(name, lambda: answers(f"{here.places.observers['contributors']}/readyz")),
        takes=frozenset({"contributors database"}),
        second_road=lambda: not answers(f"{here.places.observers['contributors']}/livez"),
    )


def observer_blind(here: Situation) -> Fault:
    """An observer whose role may not read a view any more."""
    url = here.application_url("contributors")
    stage = Stage(
        ("OtelmonObserverBlind", "warning"), "the right to read a view taken from the observer",
        lambda: execute(url, "REVOKE SELECT ON otelmon.connections FROM otelmon_reader, PUBLIC, pg_monitor"),
        {"server": here.places.contributors.address},
    )  # fmt: skip
    return Fault(
        "observer-blind",
        (stage,),
        lambda: execute(url, "GRANT SELECT ON otelmon.connections TO otelmon_reader"),
        uses=frozenset({"contributors database"}),
    )


def service_silent(here: Situation) -> Fault:
    """A service that is killed."""
    stage = Stage(
        ("OtelmonServiceSilent", "critical"), "a service killed", lambda: here.supervisor.kill_part("batch"),
        {"service": "batch"}, also=COLD,
    )  # fmt: skip
    return Fault(
        "service-silent",
        (stage,),
        lambda: start_batch(here),
        uses=frozenset({"collector"}),
        takes=frozenset({"batch"}),
        second_road=lambda: silent_for(here, "ping/batch") > SECONDS_WITHOUT_PING,
    )


def watcher_stopped(here: Situation) -> Fault:
    """A watch thread that ends while its service goes on."""

    def restore() -> None:
        here.supervisor.stop_part("batch")
        start_batch(here)

    stage = Stage(
        ("OtelmonWatcherStopped", "warning"), "the watch thread of a service ended",
        lambda: here.told("batch", "/faults/watcher", "DELETE"), {"service": "batch"}, ripens=30.0, also=COLD,
    )  # fmt: skip
    return Fault(
        "watcher-stopped",
        (stage,),
        restore,
        uses=frozenset({"collector"}),
        takes=frozenset({"batch"}),
        second_road=lambda: oldest_sign(here) > SECONDS_WITHOUT_PING,
    )


def signs(here: Situation) -> list[Path]:
    """Returns the files by which processes of a service show that they live; a killed one leaves its file."""
    return list((here.supervisor.directory / HEARTBEATS / "batch").glob("*.json"))


def oldest_sign(here: Situation) -> float:
    """Returns the age of the oldest of them in seconds: a ping tells of any process, a file of each."""
    return max((time.time() - each.stat().st_mtime for each in signs(here)), default=0.0)


def start_batch(here: Situation) -> None:
    """Starts the service again, without what killed processes left behind."""
    for each in signs(here):
        each.unlink(missing_ok=True)
    here.supervisor.start_again("batch", lambda: answers(f"{here.places.services['batch']}/livez"))


def network_cut(here: Situation) -> Fault:
    """A network between a service and the Collector that is cut; signs of life on the other road go on."""

    def gate(**behavior: object) -> None:
        told("PUT", f"{here.places.gate}/gate", behavior)

    stage = Stage(
        ("OtelmonServiceSilent", "critical"), "the network between a service and the Collector cut",
        lambda: gate(cut=True), {"service": "batch"},
        also=(
            Consequence("OtelmonSpansLost", "what does not get through for long is lost", {"service": "batch"}),
            Consequence("OtelmonCanaryAbsent", "canaries take the same network", {"service": "batch"}),
        ),
    )  # fmt: skip
    return Fault(
        "network-cut",
        (stage,),
        gate,
        uses=frozenset({"collector"}),
        takes=frozenset({"batch"}),
        extra=True,
    )


def alerting_silent(here: Situation) -> Fault:
    """Kills vmalert: the alarm is that the dead man's switch does not come any more."""
    stage = Stage(
        ("OtelmonWatchdog", "none"), "vmalert killed", lambda: here.supervisor.kill_part("vmalert"), by_silence=True
    )
    return Fault(
        "alerting-silent",
        (stage,),
        lambda: here.supervisor.start_again("vmalert", lambda: answers(f"{here.places.vmalert}/health")),
        takes=EVERYTHING,
        second_road=lambda: silent_for(here, "OtelmonWatchdog") > SECONDS_OF_SILENCE,
    )


def silent_for(here: Situation, name: str) -> float:
    """Returns for how long the stand-in of who is on call has not heard of something; 0 where it does not know it."""
    return number_at(f"{here.places.notifications}/silence/{name}", "seconds") or 0.0


def collector_absent(here: Situation) -> Fault:
    """The Collector killed; whoever sends through it is silent with it."""
    stage = Stage(
        ("OtelmonCollectorAbsent", "critical"), "the Collector killed", lambda: here.supervisor.kill_part("collector"),
        also=HIDDEN,
    )  # fmt: skip
    return Fault(
        "collector-absent",
        (stage,),
        lambda: here.supervisor.start_again("collector", lambda: answers(here.places.collector_health)),
        takes=EVERYTHING - {"alerting"},
        second_road=lambda: not answers(here.places.collector_health),
    )
