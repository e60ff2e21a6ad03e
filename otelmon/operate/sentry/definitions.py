"""Reads monitors and alerts from YAML, and says what is wrong with them, where, and how to mend it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

LONGEST_MONITOR_NAME, LONGEST_ALERT_NAME = 200, 256
PRIORITIES = {"high": 75, "medium": 50, "low": 25}
FREQUENCIES = (0, 5, 10, 30, 60, 180, 720, 1440)
DETECTIONS = ("static", "percent", "dynamic")
TRIGGERS = ("first_seen_event", "issue_resolved_trigger", "reappeared_event", "regression_event")
_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Monitor:
    """Holds one monitor; ``window_s`` and ``compared_s`` in seconds, thresholds in the unit of the aggregate."""

    name: str
    description: str
    dataset: str
    event_types: tuple[str, ...]
    aggregate: str
    query: str
    window_s: int
    environment: str | None = None
    detection: str = "static"
    compared_s: int | None = None
    high: float | None = None
    medium: float | None = None
    sensitivity: str = "medium"
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """Holds one alert: which monitors it listens to, when it fires, and whom it tells; ``every_min`` in minutes."""

    name: str
    monitors: tuple[str, ...]
    every_min: int
    when: tuple[str, ...]
    priority_at_least: str
    email: str
    environment: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Definitions:
    """Holds everything that is defined."""

    monitors: tuple[Monitor, ...] = field(default=())
    alerts: tuple[Alert, ...] = field(default=())


def read(files: Iterable[Path], environment: Mapping[str, str]) -> Definitions:
    """Returns what files define.

    Args:
        files: YAML.
        environment: where ``${NAME}`` is looked up.

    Raises:
        OperateError: a file cannot be read, or says something that Sentry would not take.
    """
    monitors: list[Monitor] = []
    alerts: list[Alert] = []
    for path in files:
        document = _document(path, environment)
        monitors += [
            _monitor(each, f"{path}: monitors[{at}]") for at, each in enumerate(document.get("monitors") or [])
        ]
        alerts += [_alert(each, f"{path}: alerts[{at}]") for at, each in enumerate(document.get("alerts") or [])]
    _check_names(monitors, alerts)
    return Definitions(tuple(monitors), tuple(alerts))


def _document(path: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    try:
        document = yaml.safe_load(_filled(path.read_text(encoding="utf-8"), path, environment)) or {}
    except OSError as error:
        raise OperateError(f"{path} cannot be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise OperateError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    unknown = sorted(set(document) - {"monitors", "alerts"}) if isinstance(document, dict) else ["a list or a text"]
    if unknown:
        raise OperateError(f"{path}: there is {', '.join(map(str, unknown))}; it takes monitors and alerts")
    return dict(document)


def _filled(text: str, path: Path, environment: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        found = environment.get(match.group(1), "").strip() or match.group(2)
        if found is None:
            raise OperateError(f"{path} needs the environment variable {match.group(1)}")
        return found

    lines = [line if line.lstrip().startswith("#") else _VARIABLE.sub(value, line) for line in text.splitlines()]
    return "\n".join(lines)


class _Fields:
    """Takes fields out of one entry; what is left over at the end is a mistake."""

    def __init__(self, entry: object, where: str) -> None:
        if not isinstance(entry, dict):
            raise OperateError(f"{where} is no mapping of fields")
        self._left, self._where = dict(entry), where

    def text(self, name: str, default: str | None = None, choices: Iterable[str] = ()) -> str:
        """Returns a text."""
        value = self._left.pop(name, default)
        if not isinstance(value, str) or not value.strip():
            raise OperateError(f"{self._where}.{name} is missing or no text")
        if choices and value not in choices:
            raise OperateError(f"{self._where}.{name} is {value!r}: choose one of {', '.join(choices)}")
        return value

    def optional(self, name: str) -> str | None:
        """Returns a text, None where there is none."""
        value = self._left.pop(name, None)
        return None if value is None else str(value)

    def texts(self, name: str, choices: Iterable[str] = ()) -> tuple[str, ...]:
        """Returns a list of texts, at least one."""
        value = self._left.pop(name, None)
        if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
            raise OperateError(f"{self._where}.{name} is no list of texts")
        wrong = [each for each in value if choices and each not in choices]
        if wrong:
            raise OperateError(f"{self._where}.{name} has {wrong[0]!r}: choose of {', '.join(choices)}")
        return tuple(value)

    def number(self, name: str, choices: Iterable[int] = ()) -> int:
        """Returns a whole number."""
        value = self._left.pop(name, None)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise OperateError(f"{self._where}.{name} is no whole number from 0 on")
        if choices and value not in choices:
            raise OperateError(f"{self._where}.{name} is {value}: choose one of {', '.join(map(str, choices))}")
        return value

    def optional_number(self, name: str) -> int | None:
        """Returns a whole number, None where there is none."""
        return self.number(name) if name in self._left else None

    def threshold(self, name: str) -> float | None:
        """Returns the number in ``{above: n}``, None where there is none."""
        value = self._left.pop(name, None)
        if value is None:
            return None
        above = value.get("above") if isinstance(value, dict) and len(value) == 1 else None
        if not isinstance(above, (int, float)) or isinstance(above, bool) or above < 0:
            raise OperateError(f"{self._where}.{name} is not of the form {{above: number}}")
        return above

    def nested(self, name: str) -> _Fields:
        """Returns a mapping within."""
        return _Fields(self._left.pop(name, None), f"{self._where}.{name}")

    def end(self) -> None:
        """Raises where a field is left that nobody knows."""
        if self._left:
            raise OperateError(f"{self._where} has the unknown field {min(map(str, self._left))}")


def _monitor(entry: object, where: str) -> Monitor:
    fields = _Fields(entry, where)
    query = fields.nested("query")
    monitor = Monitor(
        name=fields.text("name"),
        description=fields.text("description"),
        dataset=query.text("dataset", choices=("events", "events_analytics_platform")),
        event_types=query.texts("event_types", ("default", "error", "trace_item_span", "trace_item_log")),
        aggregate=query.text("aggregate"),
        query=query.optional("query") or "",
        window_s=query.number("window_s"),
        environment=query.optional("environment"),
        detection=fields.text("detection", "static", DETECTIONS),
        compared_s=fields.optional_number("compared_s"),
        high=fields.threshold("high"),
        medium=fields.threshold("medium"),
        sensitivity=fields.text("sensitivity", "medium", ("low", "medium", "high")),
        owner=fields.optional("owner"),
    )
    query.end()
    fields.end()
    _check_monitor(monitor, where)
    return monitor


def _check_monitor(monitor: Monitor, where: str) -> None:
    if len(monitor.name) > LONGEST_MONITOR_NAME:
        raise OperateError(f"{where}.name has more than {LONGEST_MONITOR_NAME} characters")
    if monitor.detection != "dynamic" and monitor.high is None:
        raise OperateError(f"{where}.high is missing: a {monitor.detection} monitor needs {{above: number}}")
    if monitor.medium is not None and monitor.high is not None and monitor.medium >= monitor.high:
        raise OperateError(f"{where}.medium must be below high")
    if (monitor.detection == "percent") != (monitor.compared_s is not None):
        raise OperateError(f"{where}.compared_s belongs to percent monitors, and they need it")


def _alert(entry: object, where: str) -> Alert:
    fields = _Fields(entry, where)
    alert = Alert(
        name=fields.text("name"),
        monitors=fields.texts("monitors"),
        every_min=fields.number("every_min", FREQUENCIES),
        when=fields.texts("when", TRIGGERS),
        priority_at_least=fields.text("priority_at_least", "high", tuple(PRIORITIES)),
        email=fields.text("email"),
        environment=fields.optional("environment"),
        owner=fields.optional("owner"),
    )
    fields.end()
    if len(alert.name) > LONGEST_ALERT_NAME:
        raise OperateError(f"{where}.name has more than {LONGEST_ALERT_NAME} characters")
    if not re.fullmatch(r"issue_owners|(team|user):\d+", alert.email):
        raise OperateError(f"{where}.email is {alert.email!r}: it takes issue_owners, team:<id> or user:<id>")
    return alert


def _check_names(monitors: list[Monitor], alerts: list[Alert]) -> None:
    for kind, names in (("monitor", [each.name for each in monitors]), ("alert", [each.name for each in alerts])):
        double = sorted({name for name in names if names.count(name) > 1})
        if double:
            raise OperateError(f"two {kind}s have the name {double[0]!r}")
    known = {each.name for each in monitors}
    for alert in alerts:
        missing = [name for name in alert.monitors if name not in known]
        if missing:
            raise OperateError(f"the alert {alert.name!r} names the monitor {missing[0]!r}, which is not defined")
