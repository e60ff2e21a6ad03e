"""Writes what a drill found into its page, between two marks, and says on what machine."""

from __future__ import annotations

import os
import platform
from datetime import datetime, timezone

from demo.parts.places import ROOT


def machine() -> str:
    """Returns where and when: processors, how busy they were, the day."""
    busy = os.getloadavg()[1]
    day = datetime.now(tz=timezone.utc).date().isoformat()
    return f"{os.cpu_count()} cores ({platform.machine()}), shared with other work (load {busy:.1f}), {day}"


def write_section(page: str, name: str, lines: list[str]) -> None:
    """Replaces what stands between the two marks of a section.

    Raises:
        ValueError: the page has no such section.
    """
    path = ROOT / page
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    before, _, rest = path.read_text(encoding="utf-8").partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"{page} has no section {name}")
    path.write_text(f"{before}{begin}\n" + "\n".join(lines) + f"\n{end}{after}", encoding="utf-8")
