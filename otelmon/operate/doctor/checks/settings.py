"""Whether every variable of otelmon's can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate import effective
from otelmon.operate.doctor.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def settings(environment: Mapping[str, str]) -> Iterator[Result]:
    """Yields each variable that cannot be used, or one result that says that all can."""
    rows = [
        *effective.application(environment), *effective.collector(environment), *effective.operators(environment)
    ]  # fmt: skip
    wrong = [row for row in rows if row.problem]
    for row in wrong:
        seen = f"cannot be used: {row.problem}"
        yield Result("application", row.name, "finding", seen, f"it takes {row.safe_range}")
    if not wrong:
        yield Result("application", "settings", "ok", f"{len(rows)} variables can be used")
