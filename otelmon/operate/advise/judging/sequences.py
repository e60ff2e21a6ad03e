"""Which sequences, and which keys filled from them, run out of numbers?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.advise.finding import ERROR, INFO, WARN, Finding, Subject
from otelmon.operate.advise.judging.reading import number, ratio, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from otelmon.operate.advise.facts import Facts, Row
    from otelmon.operate.advise.limits import Limits


def judge(facts: Facts, limits: Limits) -> Iterator[Finding]:
    """Yields sequences of which half or more is used, of their own limit or of their column's type."""
    for row in facts.sequences:
        used = ratio(row, "last_value") / most(row)
        if used >= limits.sequence_notice:
            yield finding(row, used, limits)


def most(row: Row) -> int:
    """Returns the largest number that sequence and column can hold."""
    return min(number(row, "most"), number(row, "column_most") or number(row, "most"))


def finding(row: Row, used: float, limits: Limits) -> Finding:
    """Returns the judgment on one sequence."""
    level = ERROR if used >= limits.sequence_error else WARN if used >= limits.sequence_warning else INFO
    by_column = number(row, "column_most") and number(row, "column_most") <= number(row, "most")
    where = f" of {row['qualified_table']}.{row['quoted_column']} ({row['column_type']})" if row["table"] else ""
    return Finding(
        kind="sequence_near_end",
        level=level,
        subject=Subject("sequence", text(row, "name"), text(row, "schema")),
        detail=f"Sequence {row['qualified']}{where} has used {used:.1%}: {number(row, 'last_value'):,} of "
        f"{most(row):,}.",
        remediation="Make the column bigint before it is full. ALTER TABLE ... TYPE bigint rewrites the table under a "
        "lock: on a large one add a bigint column, fill it in steps and swap; columns that reference it need the same."
        if by_column
        else "Let the sequence count further.",
        evidence={
            "last_value": number(row, "last_value"),
            "most": most(row),
            "used_ratio": round(used, 4),
            "column_type": row["column_type"],
        },
        mend=() if by_column else (f"ALTER SEQUENCE {row['qualified']} AS bigint NO MAXVALUE;",),
        undo=() if by_column else (f"ALTER SEQUENCE {row['qualified']} AS {row['type']} MAXVALUE {row['most']};",),
    )
