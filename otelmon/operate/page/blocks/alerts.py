"""Open alerts: what, where, since when, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.overview.read import ALERTMANAGER
from otelmon.operate.page import figures
from otelmon.operate.page.parts import Block, Cell, Head, Table, Tile, link

if TYPE_CHECKING:
    from otelmon.operate.overview.values import Alert
    from otelmon.operate.page.blocks.seen import Seen
    from otelmon.operate.page.parts import Tone

MOST_ALERTS = 50
# Fires always, so that its absence is noticed; nothing that a person has to see.
ALWAYS_FIRING = "none"
WHERE = ("service_name", "service", "deployment_environment_name", "db_namespace", "server_address", "resource")
TONES: dict[str, Tone] = {"critical": "bad", "warning": "warn", "page": "bad", "error": "bad"}


def told(seen: Seen) -> list[Alert]:
    """Returns the alerts that somebody must see."""
    return [each for each in seen.snapshot.overview.alerts if each.severity != ALWAYS_FIRING]


def active(seen: Seen) -> list[Alert]:
    """Returns those that are neither silenced nor inhibited."""
    return [each for each in told(seen) if each.state != "suppressed"]


def tone_of(alerts: list[Alert]) -> Tone:
    """Returns the tone of the worst alert."""
    tones = {TONES.get(each.severity, "warn") for each in alerts}
    return "bad" if "bad" in tones else "warn" if tones else "good"


def block(seen: Seen) -> Block:
    """Returns the block of open alerts."""
    alerts = told(seen)
    rows = tuple(row(seen, each) for each in alerts[:MOST_ALERTS])
    heads = (Head("Alert"), Head("Severity"), Head("Where"), Head("Since", number=True), Head("What to do"))
    empty = "No alert is open." if not seen.snapshot.away(ALERTMANAGER) else "Not known."
    table = Table("Open alerts, the most urgent first", heads, rows, empty)
    return Block("alerts", "Alerts", (table,), seen.read(ALERTMANAGER), seen.away(ALERTMANAGER), wide=True)


def row(seen: Seen, alert: Alert) -> tuple[Cell, ...]:
    """Returns one alert."""
    quiet = alert.state == "suppressed"
    severity = figures.shown(alert.severity or "no severity", 30)
    where = ", ".join(dict.fromkeys(alert.labels[name] for name in WHERE if alert.labels.get(name)))
    since = None if alert.since is None else max(seen.now - alert.since, 0.0)
    saying = alert.annotations.get("summary") or alert.annotations.get("description") or ""
    return (
        Cell(figures.shown(alert.name or "no name", 80), more=figures.shown(saying, 300)),
        Cell("suppressed" if quiet else severity, "dim" if quiet else TONES.get(alert.severity, "warn"), tag=True),
        Cell(figures.shown(where, 120)),
        Cell(figures.age(since)),
        to_do(alert),
    )


def to_do(alert: Alert) -> Cell:
    """Returns the link to the runbook, where the alert has one that can be followed."""
    runbook = link(alert.annotations.get("runbook_url", ""))
    return Cell("Runbook", href=runbook) if runbook else Cell("no runbook", "dim")


def tile(seen: Seen) -> Tile:
    """Returns the number of open alerts."""
    if seen.snapshot.behind(ALERTMANAGER, seen.now) is None:
        return Tile("Open alerts", figures.UNKNOWN, "Alertmanager does not answer", "alerts", "warn")
    alerts = active(seen)
    critical = sum(TONES.get(each.severity) == "bad" for each in alerts)
    more = f"{critical} critical" if alerts else "nothing to do"
    curve = seen.curve("alerts")
    return Tile("Open alerts", str(len(alerts)), more, "alerts", tone_of(alerts), seen.read(ALERTMANAGER), curve)
