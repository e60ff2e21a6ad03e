"""One topic of health: its status, the reasons for it, and the figures behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Status = Literal["ok", "degraded", "unknown"]
Document = dict[str, object]


class Check(NamedTuple):
    """Holds one topic; unknown where nothing was seen of it yet, which is neither good nor bad."""

    status: Status
    reasons: tuple[str, ...]
    figures: Mapping[str, object]

    def document(self) -> Document:
        """Returns it as JSON shows it."""
        return {"status": self.status, "reasons": list(self.reasons), **self.figures}


def judged(reasons: Iterable[str], figures: Mapping[str, object]) -> Check:
    """Returns a topic that is degraded where there are reasons, else ok."""
    told = tuple(reasons)
    return Check("degraded" if told else "ok", told, figures)


def unseen(what: str) -> Check:
    """Returns a topic of which nothing is known."""
    return Check("unknown", (), {"note": what})


def overall(checks: Iterable[Check]) -> Status:
    """Returns degraded where any topic is, else ok: what a process does not use it need not know."""
    return "degraded" if any(each.status == "degraded" for each in checks) else "ok"
