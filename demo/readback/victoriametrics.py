"""Reads series from VictoriaMetrics."""

from __future__ import annotations

from dataclasses import dataclass

from demo.readback.http import get, get_json


@dataclass(frozen=True, slots=True)
class Sample:
    """Holds the newest value of one series."""

    labels: dict[str, str]
    value: float


class VictoriaMetricsReader:
    """Reads from one server."""

    def __init__(self, url: str) -> None:
        self._url = url

    def query(self, expression: str) -> list[Sample]:
        """Returns the present values of an expression in MetricsQL."""
        document = get_json(f"{self._url}/api/v1/query", {"query": expression})
        return [Sample(each["metric"], float(each["value"][1])) for each in document["data"]["result"]]

    def names(self) -> list[str]:
        """Returns the names of all series."""
        names: list[str] = get_json(f"{self._url}/api/v1/label/__name__/values")["data"]
        return names

    def everything(self) -> bytes:
        """Returns every series with labels and values, as the server exports them."""
        get(f"{self._url}/internal/force_flush")
        return get(f"{self._url}/api/v1/export", {"match[]": '{__name__!=""}'})
