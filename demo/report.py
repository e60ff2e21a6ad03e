"""What a run found, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from demo.evidence import Finding

SECONDS_TO_SENTRY = 30.0
NOT_FOUND = "NOT FOUND"


@dataclass(frozen=True)
class Report:
    """Holds everything that decides whether a run was good."""

    findings: list[Finding]
    secrets: dict[str, dict[str, int]]
    repeated_spans: dict[str, int]
    seconds_to_sentry: float | None
    seconds: float

    @property
    def good(self) -> bool:
        """Tells whether all was found, in time, once, and without a secret."""
        return not self.complaints()

    def complaints(self) -> list[str]:
        """Returns one line for each thing that is not as it should be."""
        lines = [f"{each.what}: not found in {each.back_end}" for each in self.findings if not each.found]
        lines += [
            f"{meaning}: {count} times in {back_end}"
            for back_end, counts in self.secrets.items()
            for meaning, count in counts.items()
            if count
        ]
        lines += [
            f"{count} spans more than once in {back_end}" for back_end, count in self.repeated_spans.items() if count
        ]
        if self.seconds_to_sentry is None or self.seconds_to_sentry > SECONDS_TO_SENTRY:
            lines.append(f"the slow query was not at Sentry within {SECONDS_TO_SENTRY:.0f} s of its end")
        return lines

    def document(self) -> dict[str, object]:
        """Returns the report for ``--json``."""
        return {"good": self.good, "complaints": self.complaints(), **asdict(self)}

    def show(self, console: Console) -> None:
        """Prints the report."""
        for line in (*fault_lines(self.findings), *series_lines(self.findings), *self.facts(), *self.verdict()):
            console.print(line, markup=False, highlight=False, soft_wrap=True)

    def facts(self) -> list[str]:
        """Returns what was checked beside the findings, a line each."""
        count = sum(sum(counts.values()) for counts in self.secrets.values())
        looked = ", ".join(next(iter(self.secrets.values()), {}))
        arrival = "never" if self.seconds_to_sentry is None else f"{self.seconds_to_sentry:.1f} s after its end"
        return [
            "And also",
            row("secrets in any byte", f"{count} (looked for: {looked})"),
            row("spans arrived twice", str(sum(self.repeated_spans.values()))),
            row("slow query at Sentry", arrival),
            "",
        ]

    def verdict(self) -> list[str]:
        """Returns the closing lines."""
        if self.good:
            return [f"All was found, in {self.seconds:.0f} s."]
        return ["Not all is as it should be:", *(f"  {line}" for line in self.complaints())]


def fault_lines(findings: list[Finding]) -> list[str]:
    """Returns a paragraph for each planted fault, a line for each back end in it."""
    lines = []
    for what, trace_id in dict.fromkeys((each.what, each.trace_id) for each in findings if each.trace_id):
        lines.append(f"{what[:1].upper()}{what[1:]}, trace {trace_id}")
        lines += [row(each.back_end, each.evidence or NOT_FOUND) for each in findings if each.trace_id == trace_id]
        lines.append("")
    return lines


def series_lines(findings: list[Finding]) -> list[str]:
    """Returns a line for each series that is there all the time."""
    series = [row(each.what, each.evidence or NOT_FOUND) for each in findings if not each.trace_id]
    return ["Measured all the time, in VictoriaMetrics", *series, ""]


def row(name: str, text: str) -> str:
    """Returns one indented line of two columns."""
    return f"  {name:<22}{text}"
