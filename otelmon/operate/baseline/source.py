"""Where records come from: a store of metrics, or a file that was saved before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx

from otelmon.operate.baseline.series import Curve, Record
from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from otelmon.operate.baseline.rules import Measured

SECONDS_TO_ANSWER = 60.0
STEP = 10
# Stores answer with at most 11,000 points (Prometheus) or 30,000 (VictoriaMetrics) of a curve at once.
MOST_POINTS = 10_000


def ask(store: str, wanted: Sequence[Measured], begins: float, ends: float) -> list[Record]:
    """Reads the figures of all thresholds from a store.

    Args:
        store: address of VictoriaMetrics or Prometheus.
        wanted: what to ask for.
        begins: seconds of the epoch.
        ends: seconds of the epoch.

    Raises:
        OperateError: the store does not answer, or with an error.
    """
    with httpx.Client(timeout=SECONDS_TO_ANSWER) as client:
        return [
            Record(each.threshold, begins, ends, _curves(client, store, each.query, begins, ends)) for each in wanted
        ]


def _curves(client: httpx.Client, store: str, query: str, begins: float, ends: float) -> tuple[Curve, ...]:
    found: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
    at = begins
    while at < ends:
        until = min(at + MOST_POINTS * STEP, ends)
        for labels, points in _range(client, store, query, at, until):
            found.setdefault(labels, []).extend(points)
        at = until + STEP
    return tuple(Curve(labels, tuple(points)) for labels, points in found.items())


def _range(
    client: httpx.Client, store: str, query: str, begins: float, ends: float
) -> list[tuple[tuple[tuple[str, str], ...], list[tuple[float, float]]]]:
    fields = {"query": query, "start": str(begins), "end": str(ends), "step": f"{STEP}s"}
    try:
        answer = client.post(f"{store.rstrip('/')}/api/v1/query_range", data=fields)
        answer.raise_for_status()
        return [_curve(each) for each in answer.json()["data"]["result"]]
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OperateError(f"the store of metrics does not answer: {type(error).__name__}; see --metrics") from error
    except (ValueError, KeyError, TypeError) as error:
        raise OperateError("the store of metrics answers something that is no result of a query") from error


def _curve(document: dict[str, Any]) -> tuple[tuple[tuple[str, str], ...], list[tuple[float, float]]]:
    labels = tuple(sorted((str(name), str(value)) for name, value in document["metric"].items() if name != "__name__"))
    return labels, [(float(moment), float(value)) for moment, value in document["values"]]


def save(path: Path, records: Sequence[Record]) -> None:
    """Writes records as JSON.

    Raises:
        OperateError: the file cannot be written.
    """
    document = [
        {
            "threshold": each.threshold, "begins": each.begins, "ends": each.ends,
            "curves": [{"metric": dict(curve.labels), "values": curve.points} for curve in each.curves],
        }
        for each in records
    ]  # fmt: skip
    try:
        path.write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")
    except OSError as error:
        raise OperateError(f"{path} cannot be written: {error.strerror}") from error


def load(path: Path) -> list[Record]:
    """Reads records that ``save`` has written.

    Raises:
        OperateError: the file cannot be read or is none of these.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return [_record(each) for each in document]
    except OSError as error:
        raise OperateError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OperateError(f"{path} is no record of `otelmon baseline --save`") from error


def _record(document: dict[str, Any]) -> Record:
    curves = tuple(Curve(labels, tuple(points)) for labels, points in map(_curve, document["curves"]))
    return Record(str(document["threshold"]), float(document["begins"]), float(document["ends"]), curves)
