"""What a run found, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from rich.table import Table

from demo.evidence import BACK_ENDS, Finding

if TYPE_CHECKING:
    from rich.console import Console

SECONDS_TO_SENTRY = 30.0


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
        for table in (faults_table(self.findings), series_table(self.findings)):
            console.print(table)
        count = sum(sum(counts.values()) for counts in self.secrets.values())
        looked = ", ".join(next(iter(self.secrets.values()), {}))
        lines = [
            f"{count} secrets in any byte that reached a back end ({looked})",
            f"{sum(self.repeated_spans.values())} spans arrived more than once",
        ]
        if self.seconds_to_sentry is not None:
            lines.append(f"the slow query was at Sentry {self.seconds_to_sentry:.1f} s after its end")
        verdict = "all was found" if self.good else "NOT all is as it should be:"
        lines += ["", f"{verdict} ({self.seconds:.0f} s)" if self.good else verdict]
        lines += [f"  {line}" for line in self.complaints()]
        for line in lines:
            console.print(line, markup=False, highlight=False)


def faults_table(findings: list[Finding]) -> Table:
    """Returns one row for each planted fault, one column for each back end."""
    table = Table(title="What was planted, and where it was found", title_justify="left")
    for column in ("planted", "trace id", *BACK_ENDS):
        table.add_column(column, overflow="fold")
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for each in findings:
        if each.trace_id:
            rows.setdefault((each.what, each.trace_id), {})[each.back_end] = each.evidence or "not found"
    for (what, trace_id), evidence in rows.items():
        table.add_row(what, trace_id, *(evidence[back_end] for back_end in BACK_ENDS))
    return table


def series_table(findings: list[Finding]) -> Table:
    """Returns one row for each usual series."""
    table = Table(title="What is measured all the time", title_justify="left")
    for column in ("series of", "in VictoriaMetrics"):
        table.add_column(column, overflow="fold")
    for each in findings:
        if not each.trace_id:
            table.add_row(each.what, each.evidence or "not found")
    return table
