"""Writes the table of docs/advise.md: precision and recall of advice, splinter and PgHero on one labelled corpus.

``SPLINTER_CLONE=... PGHERO_CLONE=... python -m tests.sql.advise.comparison``; without clones, ours alone is printed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from demo.parts.supervisor import Supervisor
from otelmon.operate.advise.advise import judged
from otelmon.operate.advise.limits import Limits
from otelmon.operate.advise.read import facts_of
from tests.sql import servers
from tests.sql.advise.answers import limits_between, ours, score, wrong
from tests.sql.advise.corpus import QUESTIONS
from tests.sql.advise.labelled import labelled
from tests.sql.advise.others import VARIABLES, Clone, pghero, splinter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.sql.advise.answers import Answers
    from tests.sql.advise.corpus import Case
    from tests.sql.advise.labelled import Corpus

PAGE = Path(__file__).parents[3] / "docs" / "advise.md"
BEGIN = "<!-- Generated from here by: python -m tests.sql.advise.comparison -->\n"
END = "<!-- Generated to here -->\n"


def answers_of(corpus: Corpus) -> tuple[dict[str, Answers], dict[str, str]]:
    """Returns the answers by tool, and the versions of the others."""
    facts = facts_of(corpus.dsn, [corpus.replica], 60)
    answers = {"otelmon advise": ours(judged(facts, limits_between(facts, Limits())))}
    versions = {}
    clones = {tool: clone for tool in VARIABLES if (clone := Clone.of(tool))}
    if "splinter" in clones:
        answers["splinter"] = splinter(clones["splinter"], corpus.dsn)
    if "PgHero" in clones:
        answers["PgHero"] = pghero(clones["PgHero"], corpus.dsn, corpus.replica)
    versions |= {tool: clone.version for tool, clone in clones.items()}
    return answers, versions


def table(answers: Mapping[str, Answers], cases: Sequence[Case]) -> str:
    """Returns precision and recall of each tool by question."""
    head = f"| question | traps | innocents | {' | '.join(answers)} |\n|---|---|---|{'---|' * len(answers)}\n"
    lines = []
    for question in QUESTIONS:
        asked = [case for case in cases if case.question == question]
        cells = [cell(tool, question, asked) for tool in answers.values()]
        lines.append(f"| {question} | {counted(asked)} | {' | '.join(cells)} |\n")
    cells = []
    for tool in answers.values():
        asked = [case for case in cases if case.question in tool]
        cells.append(shown(tool, asked))
    lines.append(f"| all that it is asked | {counted(cases)} | {' | '.join(cells)} |\n")
    return head + "".join(lines)


def counted(cases: Sequence[Case]) -> str:
    """Returns how many traps and innocents there are."""
    return f"{sum(case.truth for case in cases)} | {sum(not case.truth for case in cases)}"


def cell(tool: Answers, question: str, cases: Sequence[Case]) -> str:
    """Returns what a tool reaches for one question."""
    return shown(tool, cases) if question in tool else "not asked"


def shown(tool: Answers, cases: Sequence[Case]) -> str:
    """Returns precision and recall as text."""
    reached = score(tool, cases)
    precision = "no report" if reached.precision is None else f"{reached.precision:.2f}"
    return f"{precision} / {reached.recall:.2f}"


def part(answers: Mapping[str, Answers], versions: Mapping[str, str], corpus: Corpus) -> str:
    """Returns the generated part of the page."""
    named = "; ".join(f"{tool} {version}" for tool, version in versions.items())
    lines = [f"Precision / recall on PostgreSQL {corpus.primary.major} with a streaming standby. {named}.\n\n"]
    lines.append(table(answers, corpus.cases))
    for tool, said in answers.items():
        asked = [case for case in corpus.cases if case.question in said]
        names = wrong(said, asked)
        lines.append(f"\nWrong of {tool}: {', '.join(f'`{name}`' for name in names) or 'none'}.\n")
    return "".join(lines)


def main() -> int:
    """Runs the comparison; writes the page when both clones are there."""
    with tempfile.TemporaryDirectory() as folder:
        supervisor = Supervisor(Path(folder))
        try:
            with labelled(servers.start(supervisor)) as corpus:
                answers, versions = answers_of(corpus)
                text = part(answers, versions, corpus)
        finally:
            supervisor.stop()
    print(text)
    if len(versions) < len(VARIABLES):
        print(f"not written: set {' and '.join(VARIABLES.values())} to clones of both", file=sys.stderr)
        return 2
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
