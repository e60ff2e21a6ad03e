"""Reads, judges and asks around: all of ``otelmon advise`` but its printing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from otelmon.operate.advise.advise import judged
from otelmon.operate.advise.call_sites import with_call_sites
from otelmon.operate.advise.limits import Limits
from otelmon.operate.advise.read import facts_of
from otelmon.operate.advise.what_if import estimated

if TYPE_CHECKING:
    from otelmon.operate.advise.facts import Facts
    from otelmon.operate.advise.finding import Finding


@dataclass(frozen=True, slots=True)
class Request:
    """Holds what to look at; addresses may hold passwords and are not shown."""

    dsn: str = field(repr=False)
    replicas: tuple[str, ...] = field(default=(), repr=False)
    metrics: str | None = field(default=None, repr=False)
    traces: str | None = field(default=None, repr=False)
    limits: Limits = field(default_factory=Limits)
    statement_seconds: float = 30.0


def advise(request: Request) -> tuple[Facts, list[Finding]]:
    """Returns what was read and what is to be said about it; nothing is changed anywhere.

    Raises:
        OperateError: a node cannot be reached or read, or an address does not answer.
    """
    facts = facts_of(request.dsn, request.replicas, request.statement_seconds)
    findings = judged(facts, request.limits)
    findings = estimated(request.dsn, facts, findings, request.statement_seconds)
    if request.metrics or request.traces:
        findings = with_call_sites(findings, request.metrics, request.traces)
    return facts, findings
