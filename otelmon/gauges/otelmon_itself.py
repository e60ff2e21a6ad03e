"""Shows how otelmon itself fares: spans by fate, errors swallowed, labels refused, and that it is alive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from otelmon.gauges.points import Point
    from otelmon.ledger import Counts
    from otelmon.registry import HookRegistry


def own_sources(
    registry: HookRegistry,
    heartbeat: Callable[[], int],
    spans: Callable[[], Mapping[str, Counts]],
    ended: Callable[[], int],
) -> dict[str, Callable[[], Iterable[Point]]]:
    """Returns what the instruments of otelmon itself read.

    Args:
        registry: knows what was refused a label.
        heartbeat: returns unix seconds of the watch thread's last round, 0 before the first.
        spans: returns the books of every exporter by its name.
        ended: returns unix seconds of the end of a process that ended by itself, 0 before.
    """
    return {
        "otelmon.spans.started": lambda: _spans(spans(), lambda counts: counts.started),
        "otelmon.spans.delivered": lambda: _spans(spans(), lambda counts: counts.delivered),
        "otelmon.spans.lost": lambda: (
            (count, {"exporter": name, "reason": reason})
            for name, counts in spans().items()
            for reason, count in counts.lost.items()
        ),
        "otelmon.internal.errors": lambda: _sites(lambda site: site.errors),
        "otelmon.internal.skipped": lambda: _sites(lambda site: site.skipped),
        "otelmon.labels.overflow": lambda: (
            (count, {"instrument": name}) for name, count in registry.overflow().items()
        ),
        "otelmon.overhead.ratio": lambda: ((share, {}) for share in (registry.shed.share,) if share is not None),
        "otelmon.overhead.shed": lambda: (
            (count, {"otelmon.shed.kind": kind}) for kind, count in registry.shed.counts().items()
        ),
        "otelmon.heartbeat": lambda: ((beat, {}) for beat in (heartbeat(),) if beat),
        "otelmon.ended": lambda: ((at, {}) for at in (ended(),) if at),
    }


def _spans(books: Mapping[str, Counts], figure: Callable[[Counts], int]) -> Iterator[Point]:
    for name, counts in books.items():
        yield figure(counts), {"exporter": name}


def _sites(figure: Callable[[guard.Site], int]) -> Iterator[Point]:
    for name, site in dict(guard.sites()).items():
        count = figure(site)
        if count:
            yield count, {"site": name}
