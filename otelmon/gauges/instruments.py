"""Creates the instruments of the catalogue once per meter, however often otelmon is switched on."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from opentelemetry.metrics import Observation

from otelmon import guard, signals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from opentelemetry.metrics import CallbackOptions, Meter

    from otelmon.gauges.points import Point


# OpenTelemetry cannot take a callback back, so callbacks look here for what they read at the moment.
_current: weakref.WeakKeyDictionary[Meter, dict[str, Callable[[], Iterable[Point]]]] = weakref.WeakKeyDictionary()


def observe(meter: Meter, sources: Mapping[str, Callable[[], Iterable[Point]]]) -> Callable[[], None]:
    """Lets instruments of a meter be observed from sources by name, in place of those given before.

    Args:
        meter: creates an instrument at the first time that its name is given.
        sources: by metric name; each returns values with attributes at once, without waiting.

    Returns:
        What silences the instruments again, unless others have taken the place meanwhile.
    """
    table = _current.setdefault(meter, {})
    given = dict(sources)
    known = frozenset(table)
    table.update(given)
    for name in given.keys() - known:
        _create(meter, signals.BY_NAME[name], _callback(name, table))

    def silence() -> None:
        for name, source in given.items():
            if table.get(name) is source:
                table[name] = tuple

    return silence


def _create(meter: Meter, metric: signals.Metric, callback: Callable[[CallbackOptions], Iterable[Observation]]) -> None:
    create = getattr(meter, f"create_{metric.instrument}")
    create(metric.name, callbacks=[callback], unit=metric.unit, description=metric.meaning)


def _callback(
    name: str, table: Mapping[str, Callable[[], Iterable[Point]]]
) -> Callable[[CallbackOptions], Iterable[Observation]]:
    where = guard.site(f"gauges.{name}")

    def callback(_: CallbackOptions) -> Iterable[Observation]:
        return guard.call(where, _observations, table[name]) or ()

    return callback


def _observations(source: Callable[[], Iterable[Point]]) -> list[Observation]:
    return [Observation(value, attributes) for value, attributes in source()]
