"""Shows what became of a drill: a table for the terminal, Markdown for docs/proof.md, a document for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from otelmon.operate.drill.outcome import mean_detection

if TYPE_CHECKING:
    from otelmon.operate.drill.ledger import Ledger
    from otelmon.operate.drill.outcome import Outcome

HEADINGS = (
    "alert", "severity", "fault", "breach", "event", "pending", "firing", "told", "second road", "cleared", "",
)  # fmt: skip


def row(outcome: Outcome) -> tuple[str, ...]:
    """Returns the cells of one stage: seconds since its injection, ``cleared`` since it was undone."""
    alert, severity = outcome.stage.rule
    return (
        alert,
        severity,
        outcome.stage.what,
        seconds(outcome.since(outcome.breach)),
        seconds(outcome.since(outcome.event)),
        seconds(outcome.since(outcome.pending)),
        seconds(outcome.since(outcome.firing)),
        seconds(outcome.detected_after),
        seconds(outcome.since(outcome.second_road)),
        seconds(outcome.since(outcome.cleared, outcome.restored)),
        verdict(outcome),
    )


def seconds(value: float | None) -> str:
    """Returns whole seconds, nothing where there is no time."""
    return "" if value is None else f"{value:.0f} s"


def verdict(outcome: Outcome) -> str:
    """Returns one word for what became of a stage."""
    if outcome.error:
        return outcome.error
    if outcome.notified is None:
        return "NOT TOLD"
    if not outcome.in_time:
        return "LATE"
    return "ok" if outcome.cleared is not None else "NOT CLEARED"


def terminal(outcomes: list[Outcome]) -> Table:
    """Returns a table for the terminal."""
    table = Table(title="Seconds since the injection; cleared: since it was undone", title_justify="left")
    for number, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="right" if 3 <= number <= 9 else "left", overflow="fold")  # noqa: PLR2004 - times
    for outcome in outcomes:
        table.add_row(*row(outcome), style="" if outcome.good else "red")
    return table


def markdown(outcomes: list[Outcome]) -> list[str]:
    """Returns the same as lines of Markdown."""
    lines = [f"| {' | '.join(HEADINGS)} |", "|" + "---|" * len(HEADINGS)]
    return lines + [f"| {' | '.join(row(each))} |" for each in outcomes]


def summary(outcomes: list[Outcome], found: Ledger) -> list[str]:
    """Returns the closing lines: mean time to detection, lateness, and the ledger."""
    mean = mean_detection(outcomes)
    slowest = max((each.detected_after or 0.0 for each in outcomes), default=0.0)
    in_time, cleared = sum(each.in_time for each in outcomes), sum(each.cleared is not None for each in outcomes)
    shown = "unknown, since not all were told" if mean is None else f"{mean:.0f} s"
    lines = [
        f"breaches injected: {found.breaches}; told: {found.told}; in time: {in_time}; cleared: {cleared}",
        f"alerts that no breach explains: {len(found.unexplained)}",
        *(f"  {each.get('alertname')} {each.get('severity')} {each}" for each in found.unexplained),
        *(f"  {each.stage.rule[0]} ({each.stage.rule[1]}) was not told: {each.why}" for each in outcomes if each.why),
        f"mean time to detection: {shown}; slowest: {slowest:.0f} s",
    ]
    if found.consequences:
        lines.append(f"further notifications of the same causes: {sum(found.consequences.values())}")
        for each, n in sorted(found.consequences.items()):
            alert, severity = each.rule
            lines.append(f"  {alert} ({severity}) {n}, of {each.fault}: {each.why}")
    if found.again:
        told = ", ".join(f"{alert} ({severity}) {n}" for (alert, severity), n in sorted(found.again.items()))
        lines.append(f"notifications that told the same once more: {told}")
    return lines


def document(outcomes: list[Outcome], found: Ledger) -> dict[str, object]:
    """Returns everything for ``--json``."""
    return {
        "good": found.balanced and all(each.good for each in outcomes),
        "mean_seconds_to_detection": mean_detection(outcomes),
        "breaches": found.breaches,
        "told": found.told,
        "unexplained": found.unexplained,
        "consequences": [
            {"alert": each.rule[0], "severity": each.rule[1], "count": n, "fault": each.fault, "why": each.why}
            for each, n in found.consequences.items()
        ],
        "told_again": [
            {"alert": alert, "severity": severity, "count": n} for (alert, severity), n in found.again.items()
        ],
        "stages": [
            {
                "fault": each.fault,
                "alert": each.stage.rule[0],
                "severity": each.stage.rule[1],
                "what": each.stage.what,
                "injected_at": each.injected,
                "breach_after_s": each.since(each.breach),
                "event_after_s": each.since(each.event),
                "pending_after_s": each.since(each.pending),
                "firing_after_s": each.since(each.firing),
                "told_after_s": each.detected_after,
                "second_road_after_s": each.since(each.second_road),
                "cleared_after_s": each.since(each.cleared, each.restored),
                "good": each.good,
                "verdict": verdict(each),
                "why_not_told": each.why,
            }
            for each in outcomes
        ],
    }
