"""What could this run not look at?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.advise.finding import INFO, Finding, Subject
from otelmon.operate.advise.nodes import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from otelmon.operate.advise.facts import Facts
    from otelmon.operate.advise.limits import Limits

NO_MONITOR = "what other roles run and hold (GRANT pg_monitor to this role, or use otelmon_reader)"


def judge(facts: Facts, limits: Limits) -> Iterator[Finding]:  # noqa: ARG001 - every judge is called alike
    """Yields one finding, all "cannot tell", for each part of the facts that is not there."""
    for name, why in facts.unread.items():
        yield unseen(name, why, why)
    for node in facts.nodes:
        if not node.sees_others:
            yield unseen(node.label, f"{node.label} does not show {NO_MONITOR}.", "this role lacks pg_monitor")
    hidden = sum(not row["readable"] for row in facts.sequences)
    if hidden:
        yield unseen(
            "sequences",
            f"How far {plural(hidden, 'sequence is', 'sequences are')} used: this role has no SELECT on them. "
            "The owner of the tables sees it.",
            "no SELECT on sequences",
        )
    denied = [row for row in facts.views.get("bloat", ()) if row["cannot_tell_reason"]]
    if denied:
        why = str(denied[0]["cannot_tell_reason"])
        yield unseen("bloat", f"Bloat of {plural(len(denied), 'table', 'tables')}: {why}.", why)


def unseen(name: str, detail: str, why: str) -> Finding:
    """Returns what could not be seen, and why."""
    remediation = "Run it again as a role that may, or take it that this question is open."
    return Finding("unreadable", INFO, Subject("part", name), detail, remediation, doubts=(why,))
