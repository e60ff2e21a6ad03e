"""Writes findings as text, JSON or Markdown."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from otelmon.operate.advise.finding import CANNOT_TELL, FINDING, OBSERVATION
from otelmon.operate.advise.kinds import KINDS
from otelmon.operate.advise.nodes import duration, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from otelmon.operate.advise.facts import Facts
    from otelmon.operate.advise.finding import Finding

COLORS = {"ERROR": "red", "WARN": "yellow", "INFO": "cyan"}


def as_json(facts: Facts, findings: Sequence[Finding]) -> str:
    """Returns one document: the nodes, the counts, and a row of a lint's shape for each finding."""
    nodes = [
        {
            "label": node.label,
            "role": role(node.in_recovery),
            "statistics_age_seconds": round(node.statistics_age_seconds),
            "standbys_known": node.standbys,
        }
        for node in facts.nodes
    ]
    document = {
        "database": facts.database,
        "nodes": nodes,
        "counts": counts(findings),
        "lints": [each.row() for each in findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, default=str)


def counts(findings: Sequence[Finding]) -> dict[str, int]:
    """Returns how many findings there are of each verdict."""
    counted = Counter(each.verdict for each in findings)
    return {verdict: counted[verdict] for verdict in (FINDING, CANNOT_TELL, OBSERVATION)}


def summary(facts: Facts, findings: Sequence[Finding]) -> str:
    """Returns what was read and how much came of it."""
    nodes = ", ".join(
        f"{node.label} ({role(node.in_recovery)}, counting for {duration(node.statistics_age_seconds)})"
        for node in facts.nodes
    )
    counted = counts(findings)
    told = f"{plural(counted[FINDING], 'finding', 'findings')}, {counted[CANNOT_TELL]} cannot tell"
    return (
        f"Database {facts.database} on {nodes}: {told}, {plural(counted[OBSERVATION], 'observation', 'observations')}."
    )


def role(in_recovery: bool) -> str:
    """Returns what a node is."""
    return "standby" if in_recovery else "primary"


def print_text(console: Console, facts: Facts, findings: Sequence[Finding]) -> None:
    """Prints a table of all findings, then each with its evidence."""
    console.print(summary(facts, findings), markup=False, highlight=False)
    if not findings:
        return
    table = Table("", "level", "what", "where", "verdict", show_edge=False)
    for number, each in enumerate(findings, 1):
        level = f"[{COLORS[each.level]}]{each.level}[/]"
        table.add_row(str(number), level, KINDS[each.kind].title, escape(each.subject.shown), each.verdict)
    console.print(table)
    for number, each in enumerate(findings, 1):
        console.print(f"\n{number}. {KINDS[each.kind].title}: {each.subject.shown}", style="bold", markup=False)
        for line in details(each):
            console.print(f"   {line}", markup=False, highlight=False, soft_wrap=True)


def details(finding: Finding) -> Iterator[str]:
    """Yields what is to be said of a finding, line by line."""
    yield finding.detail
    yield from (f"Cannot tell: {doubt}." for doubt in finding.doubts)
    yield finding.remediation
    yield from finding.notes
    yield from (f"Used by {site}" for site in finding.call_sites)
    if isinstance(finding.evidence.get("scans"), dict):
        scans = ", ".join(f"{node} {count:,}" for node, count in finding.evidence["scans"].items())  # type: ignore[attr-defined] # checked above
        yield f"Scans: {scans}"
    if "planned_cost_now" in finding.evidence:
        now, then = finding.evidence["planned_cost_now"], finding.evidence["planned_cost_with_index"]
        yield f"Planned cost of the search: {now:,.0f} now, {then:,.0f} with the index (hypopg)"
    word = "If it is so" if finding.doubts else "Mend"
    yield from (f"{word}: {statement}" for statement in finding.mend)
    yield from (f"Undo: {statement}" for statement in finding.undo)


def as_markdown(facts: Facts, findings: Sequence[Finding]) -> str:
    """Returns a page with a table and a part for each finding, for an issue or a wiki."""
    lines = [f"# Advice for {facts.database}", "", summary(facts, findings), ""]
    if findings:
        lines += ["| | level | what | where | verdict |", "|---|---|---|---|---|"]
    for number, each in enumerate(findings, 1):
        where = each.subject.shown.replace("|", "\\|")
        lines.append(f"| {number} | {each.level} | {KINDS[each.kind].title} | `{where}` | {each.verdict} |")
    for number, each in enumerate(findings, 1):
        lines += ["", f"## {number}. {KINDS[each.kind].title}: `{each.subject.shown}`", "", each.detail]
        lines += [f"\nCannot tell: {doubt}." for doubt in each.doubts]
        lines += ["", " ".join((each.remediation, *each.notes))]
        lines += [f"- used by {site}" for site in each.call_sites]
        lines += block("mend", each.mend) + block("undo", each.undo)
    return "\n".join(lines) + "\n"


def block(title: str, statements: Sequence[str]) -> list[str]:
    """Returns statements as a block of SQL; nothing without any."""
    return ["", "```sql", f"-- {title}", *statements, "```"] if statements else []
