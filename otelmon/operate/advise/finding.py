"""One piece of advice, in rows of the shape that splinter's lints have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from otelmon.operate.advise.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

ERROR, WARN, INFO = "ERROR", "WARN", "INFO"
FINDING, CANNOT_TELL, OBSERVATION = "finding", "cannot tell", "observation"


@dataclass(frozen=True, slots=True)
class Subject:
    """Names what a finding is about; ``table`` is empty for what belongs to no table."""

    type: str
    name: str
    schema: str = ""
    table: str = ""

    @property
    def shown(self) -> str:
        """Returns schema, table and name as people write them."""
        return ".".join(part for part in (self.schema, self.table, self.name) if part)


@dataclass(frozen=True, slots=True)
class Finding:
    """Holds a judgment with its evidence.

    ``doubts`` make it "cannot tell". ``mend`` and ``undo`` are statements in order; both are empty where only a person
    can decide. ``call_sites`` are lines of code or services that use the table.
    """

    kind: str
    level: str
    subject: Subject
    detail: str
    remediation: str
    evidence: Mapping[str, object] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    mend: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    call_sites: tuple[str, ...] = ()
    is_observation: bool = False

    @property
    def verdict(self) -> str:
        """Returns finding, cannot tell or observation."""
        if self.doubts:
            return CANNOT_TELL
        return OBSERVATION if self.is_observation else FINDING

    @property
    def cache_key(self) -> str:
        """Returns a key that stays the same from run to run."""
        parts = (self.kind, self.subject.schema, self.subject.table, self.subject.name)
        return "_".join(part for part in parts if part)

    def row(self) -> dict[str, object]:
        """Returns the ten columns of a lint; what goes beyond them stands in ``metadata``."""
        kind = KINDS[self.kind]
        return {
            "name": self.kind,
            "title": kind.title,
            "level": self.level,
            "facing": "INTERNAL",
            "categories": list(kind.categories),
            "description": kind.description,
            "detail": self.detail,
            "remediation": self.remediation,
            "metadata": {
                "type": self.subject.type,
                "schema": self.subject.schema or None,
                "table": self.subject.table or None,
                "name": self.subject.name,
                "verdict": self.verdict,
                "evidence": dict(self.evidence),
                "doubts": list(self.doubts),
                "mend": list(self.mend),
                "undo": list(self.undo),
                "notes": list(self.notes),
                "call_sites": list(self.call_sites),
            },
            "cache_key": self.cache_key,
        }
