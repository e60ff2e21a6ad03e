"""One look at every view, without a Collector: what the observer would see and say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon import signals
from otelmon.operate.errors import OperateError
from otelmon.operate.observe import reasons
from otelmon.operate.observe.catalogue import LOOKS
from otelmon.operate.observe.health import status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from otelmon.operate.observe.observer import Observer


def look_once(observer: Observer, clock: Callable[[], float]) -> dict[str, object]:
    """Reads every view once and returns the status, and every metric with the server's own figure.

    Raises:
        OperateError: the database cannot be reached.
    """
    for _ in range(len(LOOKS) + 1):
        observer.step()
    snapshot = observer.board.now
    observer.close()
    if not snapshot.connected:
        raise OperateError(f"cannot connect: {snapshot.reason}: {snapshot.detail}")
    points = [point for view in snapshot.views.values() for point in view.points]
    metrics = [
        {
            "name": point.metric,
            "unit": signals.BY_NAME[point.metric].unit,
            "value": point.value,
            "attributes": dict(point.attributes),
        }
        for point in points
    ]
    return {**status(snapshot, clock()), "metrics": metrics}


def say_nothing(name: str, attributes: Mapping[str, str | int | float | bool], *, trace_id: int, span_id: int) -> None:
    """Takes an event and sends it nowhere."""


def findings(document: Mapping[str, object]) -> list[str]:
    """Returns the views that could not be read."""
    views = document["views"]
    named = views.items() if isinstance(views, dict) else ()
    return [str(name) for name, view in named if view["reason"] != reasons.OK]


def lines(document: Mapping[str, object]) -> Iterator[str]:
    """Yields the same for people: the server, a line for each view, a line for each figure."""
    yield (
        f"PostgreSQL {document['server_version']}, database {document['database']} as {document['role']}, "
        f"schema version {document['schema_version']}, pg_stat_statements {document['pg_stat_statements']}"
    )
    views, metrics = document["views"], document["metrics"]
    for name, view in views.items() if isinstance(views, dict) else ():
        read = f"{view['rows']} rows, {view['ms']:.1f} ms" if view["ms"] is not None else ""
        yield f"  {name:<28} {view['reason']:<14} {read} {view['detail']}".rstrip()
    for point in metrics if isinstance(metrics, list) else ():
        labels = ", ".join(f"{key}={value}" for key, value in point["attributes"].items())
        yield f"{point['name']}{{{labels}}} {point['value']:g} {point['unit']}"
