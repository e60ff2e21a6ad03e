"""What can be read of the schema as it is installed: each view whole, in part, or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.observe import reasons
from otelmon.operate.observe.look import plan
from otelmon.operate.sql import files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.operate.observe.look import Look, Plan

NOT_INSTALLED = "the schema otelmon is not there: otelmon sql install"
OTHER_VERSION = "the schema is of another version: otelmon sql install"


class Views:
    """Holds a plan for each look at the schema that is there; an older or newer one is read as far as it goes."""

    def __init__(self, looks: Mapping[str, Look]) -> None:
        described = {name: file.description for name, file in files.views().items()}
        self._looks = looks
        self._described = {
            name: frozenset(column for column, _ in each.columns) for name, each in described.items() if each
        }
        self._there: Mapping[str, frozenset[str]] = {}
        self._plans: dict[str, Plan | None] = {}

    def know(self, there: Mapping[str, frozenset[str]]) -> None:
        """Takes note of the views that the database has, with their columns."""
        if there != self._there:
            self._there = there
            self._plans = {
                name: plan(look, self._described[name], there[name])
                for name, look in self._looks.items()
                if name in there
            }

    def plan(self, name: str) -> tuple[Plan | None, str, str]:
        """Returns how a view is read, or None; why not or not whole; and a detail for people."""
        if name not in self._there:
            return None, reasons.MISSING, OTHER_VERSION if self._there else NOT_INSTALLED
        found = self._plans[name]
        if found is None:
            return None, reasons.OUTDATED, OTHER_VERSION
        if found.missing:
            return found, reasons.OUTDATED, f"without {', '.join(found.missing)}: {OTHER_VERSION}"
        return found, reasons.OK, ""
