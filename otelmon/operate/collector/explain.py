"""The effective configuration as a list of pipelines: from where, which steps that do what, to where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from otelmon.operate.collector.describe import describe

if TYPE_CHECKING:
    from otelmon.operate.collector.merged import Tree


@dataclass(frozen=True, slots=True)
class Step:
    """Holds one component of a pipeline; ``role`` is from, step or to."""

    role: str
    component: str
    does: str


@dataclass(frozen=True, slots=True)
class Flow:
    """Holds one pipeline, such as ``traces/keep``."""

    pipeline: str
    steps: tuple[Step, ...]


def explain(configuration: Tree) -> tuple[Flow, ...]:
    """Returns the pipelines in the order in which data runs through them.

    Args:
        configuration: as ``merged`` returns it.
    """
    pipelines = {name: given or {} for name, given in _map(_map(configuration, "service"), "pipelines").items()}
    return tuple(
        _flow(name, pipelines, configuration) for name in sorted(pipelines, key=lambda each: _rank(each, pipelines))
    )


def _map(configuration: Tree, key: str) -> Tree:
    return configuration.get(key) or {}


ROLES = {"from": "receivers", "step": "processors", "to": "exporters"}


def _flow(name: str, pipelines: Tree, configuration: Tree) -> Flow:
    listed = [(role, each) for role, kind in ROLES.items() for each in pipelines[name].get(kind) or []]
    return Flow(
        name, tuple(Step(role, each, _does(role, each, name, pipelines, configuration)) for role, each in listed)
    )


def _does(role: str, component: str, name: str, pipelines: Tree, configuration: Tree) -> str:
    connectors = _map(configuration, "connectors")
    if component in connectors:
        return _joined(component, role, name, pipelines, connectors)
    return describe(component, _map(configuration, ROLES[role]).get(component), name.partition("/")[0])


def _joined(component: str, role: str, name: str, pipelines: Tree, connectors: Tree) -> str:
    """Says which pipelines a connector leads to, or comes from; forward keeps the signal, others may change it."""
    signal = name.partition("/")[0]
    far = "exporters" if role == "from" else "receivers"
    ends = [other for other, given in pipelines.items() if component in (given.get(far) or [])]
    if component.startswith("forward"):
        ends = [other for other in ends if other.partition("/")[0] == signal]
    else:
        ends = [other for other in ends if other.partition("/")[0] != signal]
    does = (
        "" if component.startswith("forward") or role == "from" else f"{describe(component, connectors[component])}; "
    )
    return f"{does}{'←' if role == 'from' else '→'} {', '.join(ends) or 'nowhere'}"


def _rank(name: str, pipelines: Tree) -> tuple[int, int, str]:
    """Sorts traces, logs, metrics, and each by the number of pipelines before it."""
    order = ("traces", "logs", "metrics", "profiles")
    signal = name.partition("/")[0]
    return (order.index(signal) if signal in order else len(order), _depth(name, pipelines, frozenset()), name)


def _depth(name: str, pipelines: Tree, seen: frozenset[str]) -> int:
    if name in seen:
        return 0
    sources = set(pipelines[name].get("receivers") or [])
    before = [other for other, given in pipelines.items() if sources.intersection(given.get("exporters") or [])]
    return 1 + max((_depth(other, pipelines, seen | {name}) for other in before), default=0)
