"""Asks a store of metrics in PromQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from otelmon.operate.overview.asking import SECONDS_TO_ANSWER, get
from otelmon.operate.overview.documents import items, mapping, number, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from otelmon.operate.overview.asking import Answer


@dataclass(frozen=True, slots=True)
class Series:
    """Holds one series of a result: (unix seconds, value) each, the newest last; one point for an instant query."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Result:
    """Holds the series of one question; ``reason`` says why there is no answer and is empty where there is one."""

    series: tuple[Series, ...]
    reason: str
    seconds: float


async def instant(client: httpx.AsyncClient, store: str, expression: str, seconds: float = SECONDS_TO_ANSWER) -> Result:
    """Returns the present values of an expression.

    Args:
        client: of ``asking.client()``.
        store: address of VictoriaMetrics or Prometheus.
        expression: PromQL.
        seconds: until the question is given up.
    """
    return _result(await get(client, f"{store}/api/v1/query", {"query": expression}, seconds=seconds))


async def over_time(  # noqa: PLR0913, PLR0917 - each is what a range query takes
    client: httpx.AsyncClient,
    store: str,
    expression: str,
    now: float,
    last_seconds: int,
    step_seconds: int,
    seconds: float = SECONDS_TO_ANSWER,
) -> Result:
    """Returns an expression's values over the last seconds, one a step; for sparklines.

    Args:
        client: as of ``instant``, like ``store``, ``expression`` and ``seconds``.
        store: see above.
        expression: see above.
        now: unix seconds, where the range ends.
        last_seconds: how long the range is.
        step_seconds: between two points.
        seconds: see above.
    """
    query = {
        "query": expression,
        "start": str(int(now) - last_seconds),
        "end": str(int(now)),
        "step": str(step_seconds),
    }
    return _result(await get(client, f"{store}/api/v1/query_range", query, seconds=seconds))


def _result(answer: Answer) -> Result:
    document = mapping(answer.document)
    if answer.reason or document.get("status") != "success":
        said = document.get("error")
        reason = f"{answer.reason or 'no result'}: {said}" if isinstance(said, str) else answer.reason or "no result"
        return Result((), reason, answer.seconds)
    return Result(tuple(_series(each) for each in items(mapping(document["data"]).get("result"))), "", answer.seconds)


def _series(result: Mapping[str, object]) -> Series:
    single = result.get("value")
    raw = [single] if single is not None else result.get("values")
    pairs = [pair for pair in raw if isinstance(pair, list) and len(pair) == 2] if isinstance(raw, list) else []  # noqa: PLR2004 - time, value
    points = ((number(at), number(value)) for at, value in pairs)
    return Series(texts(result.get("metric")), tuple((at, v) for at, v in points if at is not None and v is not None))
