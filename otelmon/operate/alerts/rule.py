"""What one alert rule is, before operators' thresholds are filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["warning", "critical", "none"]
Team = Literal["application", "database", "platform"]
Form = Literal["ratio", "seconds", "bytes", "count", "times", "silence"]
Tier = Literal["health", "problems", "performance", "queries"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Describes one rule; ``${name}`` in PromQL stands for a threshold.

    Args:
        alert: name of the alert and of its page in docs/runbook/; two rules share it where only the severity differs.
        severity: warning, critical, or none for the dead man's switch.
        group: the file in alerts/rules/.
        team: who answers, unless operators say otherwise.
        summary: one sentence that names what is concerned by ``{{ $labels... }}``.
        value: PromQL of the figure that is judged.
        compare: PromQL operator between value and limit.
        limit: name of the threshold, or a number that nobody need change; empty where the figure alone says it.
        form: how value and limit are shown.
        guard: PromQL that must hold too, such as a fewest number of calls.
        hold: seconds that a breach must last; -1 for the threshold ``hold_seconds``.
        database, server: Go templates of these labels, empty where there is none.
        service: Go template of the label.
        keep: the reason of keeping (``otelmon.keep``) that a search for traces asks for; empty for none.
        tier: the dashboard that shows it.
    """

    alert: str
    severity: Severity
    group: str
    team: Team
    summary: str
    value: str
    compare: Literal[">=", ">", "<=", "<", ""]
    limit: str
    form: Form
    guard: str = ""
    hold: int = -1
    service: str = "{{ $labels.service_name }}"
    database: str = ""
    server: str = ""
    keep: str = ""
    tier: Tier = "problems"

    @property
    def key(self) -> tuple[str, str]:
        """Returns what tells a rule from all others."""
        return self.alert, self.severity
