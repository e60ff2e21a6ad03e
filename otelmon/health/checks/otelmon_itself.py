"""Whether otelmon itself works: its guarded sites, the readers that it was given, and what it had to leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon import guard
from otelmon.health.check import Check, judged
from otelmon.health.recent import Recent

if TYPE_CHECKING:
    from otelmon.registry import HookRegistry


class Itself:
    """Looks at otelmon's own parts in this process."""

    def __init__(self, registry: HookRegistry) -> None:
        self._registry = registry
        self._errors: Recent[str] = Recent()
        self._overflow: Recent[str] = Recent()

    def look(self, now: float) -> Check:
        """Returns sites that are switched off, readers that hang, errors, and measurements without a label."""
        sites = dict(guard.sites())
        off = sorted(name for name, site in sites.items() if site.errors >= guard.ERRORS_BEFORE_OFF)
        errors = {name: site.errors for name, site in sites.items() if site.errors}
        overflow, hanging = self._registry.overflow(), self._registry.hanging_readers()
        reasons = [f"{name} is switched off after {sites[name].errors} errors" for name in off]
        reasons += [f"the reader of {name} does not return" for name in hanging]
        reasons += [
            f"{name}: {grown} errors within a minute"
            for name, grown in self._errors.growth(errors, now).items()
            if name not in off
        ]
        reasons += [
            f"{name}: {grown} measurements without a label of their own within a minute"
            for name, grown in self._overflow.growth(overflow, now).items()
        ]
        undone = self._registry.shed.now
        if undone:
            reasons.append(f"to stay below OTELMON_OVERHEAD_LIMIT_RATIO {', '.join(undone)} are left out")
        figures = {
            "switched_off": off,
            "errors": errors,
            "skipped": {name: site.skipped for name, site in sites.items() if site.skipped},
            "hanging_readers": list(hanging),
            "shed": overflow,
            "left_undone": self._registry.shed.counts(),
        }
        return judged(reasons, figures)
