"""Renders the alert rules for a drill: those that ship, with a few stated limits lowered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.drill import comparison, limits
from otelmon.operate.alerts import files
from otelmon.operate.alerts.given import read

if TYPE_CHECKING:
    from pathlib import Path


def render(directory: Path) -> tuple[Path, ...]:
    """Writes the rules below a directory, with the one of another product beside them, and returns their files."""
    folder = directory / "alerts"
    files.write(folder, files.rendered(read(limits.thresholds())))
    return tuple(sorted((folder / "rules").glob("*.yaml")))


def compared(directory: Path) -> Path:
    """Writes the rule that is put through the same drill and returns its file."""
    path = directory / "compared.yaml"
    path.write_text(comparison.rules(), encoding="utf-8")
    return path
