"""Counts passages and shows them as metrics."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from opentelemetry.metrics import Observation

from otelmon.signals import canary as names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from opentelemetry.metrics import CallbackOptions, Meter

    from otelmon.operate.canary.follow import Passage
    from otelmon.operate.canary.heartbeats import Sign


class Book:
    """Holds what has become of every canary until now."""

    def __init__(self, hops: tuple[str, ...]) -> None:
        self._hops = hops
        self.sent = 0
        self.seen: Counter[str] = Counter()
        self.missed: Counter[str] = Counter()
        self.newest: dict[str, float] = {}
        self.delay: dict[str, float] = {}
        self.last: Passage | None = None

    def enter(self, passage: Passage) -> None:
        """Books one passage."""
        self.sent += 1
        self.seen.update(passage.seconds)
        self.missed.update(passage.missed)
        self.newest |= dict.fromkeys(passage.seconds, passage.sent_at)
        self.delay |= passage.seconds
        self.last = passage

    def show(self, meter: Meter, signs: Callable[[], Iterable[Sign]]) -> None:
        """Creates the instruments, which read this book when they are collected.

        Args:
            meter: of any provider.
            signs: reads the files of heartbeats.
        """

        def by_hop(values: Mapping[str, float]) -> list[Observation]:
            return [Observation(values[hop], {names.HOP: hop}) for hop in self._hops if hop in values]

        reading: dict[str, Callable[[], list[Observation]]] = {
            names.SENT: lambda: [Observation(self.sent)],
            names.SEEN: lambda: by_hop({hop: self.seen[hop] for hop in self._hops}),
            names.MISSED: lambda: by_hop({hop: self.missed[hop] for hop in self._hops}),
            names.NEWEST: lambda: by_hop(self.newest),
            names.DELAY: lambda: by_hop(self.delay),
            names.PROCESSES: lambda: counted(signs()),
        }
        for metric in names.CANARY_METRICS:
            create = getattr(meter, f"create_{metric.instrument}")
            create(metric.name, [_callback(reading[metric.name])], metric.unit, metric.meaning)


def counted(signs: Iterable[Sign]) -> list[Observation]:
    """Returns how many processes of each service are alive and how many stale."""
    states = Counter((each.service, each.state) for each in signs)
    return [Observation(count, {"service": service, "state": state}) for (service, state), count in states.items()]


def _callback(read: Callable[[], list[Observation]]) -> Callable[[CallbackOptions], list[Observation]]:
    return lambda _: read()
