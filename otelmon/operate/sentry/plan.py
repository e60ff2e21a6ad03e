"""Compares what is defined with what Sentry has, and says what has to be done."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from otelmon.operate.sentry.payloads import alert_as_it_is, alert_body, monitor_as_it_is, monitor_body

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from otelmon.operate.sentry.definitions import Alert, Definitions, Monitor
    from otelmon.operate.sentry.payloads import Answer

Doing = Literal["make", "change", "keep"]
# Stands for the number of a monitor that has none yet; no monitor of Sentry has it.
NOT_YET = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """Holds one field that is not as defined; both values as JSON."""

    field: str
    is_now: str
    defined: str


@dataclass(frozen=True, slots=True)
class Step:
    """Holds what has to be done with one monitor or alert; ``number`` is Sentry's id, None for a new one."""

    kind: Literal["monitor", "alert"]
    name: str
    doing: Doing
    number: str | None = None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Holds every step, and the names of what Sentry has and no file defines, which is left alone."""

    steps: tuple[Step, ...]
    others: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[Step, ...]:
        """Returns the steps that would change something."""
        return tuple(step for step in self.steps if step.doing != "keep")


def plan(definitions: Definitions, monitors: Sequence[Answer], alerts: Sequence[Answer]) -> Plan:
    """Returns what has to be done.

    Args:
        definitions: what the files say.
        monitors: what Sentry lists; found again by name and type.
        alerts: as ``monitors``.
    """
    known = {str(each["name"]): each for each in monitors if each.get("type") == "metric_issue"}
    known_alerts = {str(each["name"]): each for each in alerts}
    steps = [_monitor_step(each, known.get(each.name)) for each in definitions.monitors]
    steps += [_alert_step(each, known, known_alerts.get(each.name)) for each in definitions.alerts]
    defined = {step.name for step in steps}
    return Plan(tuple(steps), tuple(sorted(name for name in (*known, *known_alerts) if name not in defined)))


def _monitor_step(monitor: Monitor, answer: Answer | None) -> Step:
    if answer is None:
        return Step("monitor", monitor.name, "make")
    return _step("monitor", answer, differences(monitor_as_it_is(answer), monitor_body(monitor)))


def _alert_step(alert: Alert, monitors: Mapping[str, Answer], answer: Answer | None) -> Step:
    if answer is None:
        return Step("alert", alert.name, "make")
    numbers = [int(monitors[name]["id"]) if name in monitors else NOT_YET for name in alert.monitors]
    return _step("alert", answer, differences(alert_as_it_is(answer), alert_body(alert, numbers)))


def _step(kind: Literal["monitor", "alert"], answer: Answer, found: tuple[Difference, ...]) -> Step:
    return Step(kind, str(answer["name"]), "change" if found else "keep", str(answer["id"]), found)


def differences(is_now: object, defined: object, field: str = "") -> tuple[Difference, ...]:
    """Returns every field of a definition that is another in Sentry; lists are compared as a whole."""
    if isinstance(defined, dict) and isinstance(is_now, dict):
        found: list[Difference] = []
        for name in sorted({*defined, *is_now}):
            found += differences(is_now.get(name), defined.get(name), f"{field}.{name}" if field else name)
        return tuple(found)
    if _ordered(is_now) == _ordered(defined):
        return ()
    return (Difference(field, json.dumps(is_now), json.dumps(defined)),)


def _ordered(value: object) -> object:
    """Returns a list of conditions or names in an order of its own, for Sentry keeps none."""
    if isinstance(value, list):
        return sorted(json.dumps(each, sort_keys=True) for each in value)
    # 5 and 5.0 are one threshold.
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
