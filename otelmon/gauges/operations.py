"""Shows what is counted of database calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from otelmon.gauges.points import Point
    from otelmon.registry import HookRegistry

_KIND = "otelmon.n_plus_one.kind"
_ATTRIBUTES = ("db.operation.name", "db.collection.name", "db.namespace")


def operation_sources(registry: HookRegistry) -> dict[str, Callable[[], Iterable[Point]]]:
    """Returns what the instruments of database calls read."""
    return {
        "otelmon.db.client.slow_operations": lambda: _points(_ATTRIBUTES, registry.operations.slow()),
        "otelmon.db.client.n_plus_one": lambda: _points((_KIND, *_ATTRIBUTES), registry.operations.repeated()),
    }


def _points(names: tuple[str, ...], counts: Mapping[Any, int]) -> Iterator[Point]:
    for key, count in counts.items():
        yield count, {name: value for name, value in zip(names, key, strict=True) if value}
