"""What a gauge shows: a value with its attributes, where there is a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

Point = tuple[float, Mapping[str, str]]


def known(points: Iterable[tuple[float | None, Mapping[str, str]]]) -> Iterator[Point]:
    """Yields the points that have a value: what is not known is not shown."""
    return ((value, attributes) for value, attributes in points if value is not None)
