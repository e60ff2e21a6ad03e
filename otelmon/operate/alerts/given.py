"""What operators have given: thresholds, links, receivers and changes of single rules, by file and environment.

The environment wins over the file, the file over the defaults. Whatever cannot be used is refused with its line: an
alert that silently falls back to a default is worse than none.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from otelmon.operate.alerts import lines, thresholds
from otelmon.operate.alerts.catalogue import ALERTS
from otelmon.operate.alerts.links import DEFAULT_PLACES, Places, is_place
from otelmon.operate.alerts.threshold import PREFIX, number
from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from otelmon.operate.alerts.lines import Entry

FILE_VARIABLE = "OTELMON_ALERTS_FILE"
LONGEST_HOLD = 45


@dataclass(frozen=True, slots=True)
class Change:
    """Holds what operators want otherwise of one alert; None where it stays as shipped."""

    enabled: bool = True
    team: str | None = None
    hold: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """Holds everything that a rendering needs; ``sources`` says of each threshold where its value is from."""

    values: dict[str, float] = field(default_factory=thresholds.defaults)
    sources: dict[str, str] = field(default_factory=dict)
    places: Places = DEFAULT_PLACES
    receivers: dict[str, dict[str, object]] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)


def read(environment: Mapping[str, str], path: Path | None = None) -> Given:
    """Returns what is given.

    Args:
        environment: a mapping such as ``os.environ``.
        path: the operators' file; that of ``OTELMON_ALERTS_FILE`` when not given, and none is fine.

    Raises:
        OperateError: something cannot be used; the message has file, line, name and what would be right.
    """
    named = environment.get(FILE_VARIABLE, "").strip()
    file = path or (Path(named) if named else None)
    given = _from_environment(_from_file(file) if file else Given(), environment)
    if pair := thresholds.contradiction(given.values):
        low, high = pair
        where = "; ".join(f"{each} is {number(given.values[each])} by {_origin(given, each)}" for each in pair)
        raise OperateError(f"{low} must not lie above {high}: {where}")
    return given


def _from_file(path: Path) -> Given:
    given = Given()
    for section in lines.entries(lines.root(path)):
        reader = SECTIONS.get(section.key)
        if reader is None:
            raise section.wrong(f"there is no such section; there are {', '.join(SECTIONS)}")
        given = reader(given, section)
    return given


def _origin(given: Given, name: str) -> str:
    return given.sources.get(name, "default")


def _from_environment(given: Given, environment: Mapping[str, str]) -> Given:
    known = {each.variable: each for each in thresholds.THRESHOLDS}
    for name, text in sorted(environment.items()):
        if not name.startswith(PREFIX) or not text.strip():
            continue
        if name not in known:
            raise OperateError(f"{name}: there is no such threshold; `otelmon settings` lists them")
        threshold = known[name]
        value = threshold.read(text.strip())
        if value is None:
            raise OperateError(f"{name}: it takes {threshold.safe_range} ({threshold.unit})")
        given.values[threshold.name] = value
        given.sources[threshold.name] = name
    return given


def _thresholds(given: Given, section: Entry) -> Given:
    for entry in lines.entries(section):
        threshold = thresholds.BY_NAME.get(entry.key)
        if threshold is None:
            raise entry.wrong("there is no such threshold; `otelmon settings` lists them")
        value = threshold.read(entry.value)
        if value is None:
            raise entry.wrong(f"it takes {threshold.safe_range} ({threshold.unit}), not {entry.value!r}")
        given.values[entry.key] = value
        given.sources[entry.key] = entry.place
    return given


def _links(given: Given, section: Entry) -> Given:
    for entry in lines.entries(section):
        if entry.key not in Places.__slots__:
            raise entry.wrong(f"there is no such link; there are {', '.join(Places.__slots__)}")
        if not is_place(entry.value):
            raise entry.wrong("it takes an address: http:// or https:// with a host, without a query")
        given = replace(given, places=replace(given.places, **{entry.key: str(entry.value).rstrip("/")}))
    return given


def _receivers(given: Given, section: Entry) -> Given:
    for entry in lines.entries(section):
        kinds = list(lines.entries(entry))
        wrong = next(
            (each for each in kinds if not (each.key.endswith("_configs") and isinstance(each.value, list))), None
        )
        if wrong is not None:
            raise wrong.wrong("a receiver takes lists of integrations of Alertmanager, such as webhook_configs")
        given.receivers[entry.key] = {kind.key: kind.value for kind in kinds}
    return given


def _rules(given: Given, section: Entry) -> Given:
    for entry in lines.entries(section):
        if entry.key not in ALERTS:
            raise entry.wrong("there is no such alert; `otelmon alerts list` shows them")
        given.changes[entry.key] = _change(entry)
    return given


def _change(alert: Entry) -> Change:
    change = Change()
    for entry in lines.entries(alert):
        value = entry.value
        if entry.key == "enabled" and isinstance(value, bool):
            change = replace(change, enabled=value)
        elif entry.key == "team" and isinstance(value, str) and value:
            change = replace(change, team=value)
        elif entry.key == "hold_seconds" and type(value) is int and 0 <= value <= LONGEST_HOLD:
            change = replace(change, hold=value)
        else:
            raise entry.wrong(f"a rule takes enabled (true, false), team (a name), hold_seconds (0 to {LONGEST_HOLD})")
    return change


SECTIONS: dict[str, Callable[[Given, Entry], Given]] = {
    "thresholds": _thresholds,
    "links": _links,
    "receivers": _receivers,
    "rules": _rules,
}
