"""Shows all figures at a meter provider: gauges read the registry, histograms join what its readers hand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon import guard
from otelmon.gauges.install import install_gauges
from otelmon.launch.histograms import HistogramDelivery

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opentelemetry.metrics import MeterProvider
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    from otelmon.ledger import Counts
    from otelmon.registry import HookRegistry


_TELL = guard.site("launch.late_sums")


def deliver_figures(  # noqa: PLR0913 - three readers of what only the launch knows
    provider: MeterProvider,
    scope: InstrumentationScope,
    registry: HookRegistry,
    *,
    heartbeat: Callable[[], int],
    spans: Callable[[], Mapping[str, Counts]],
    ended: Callable[[], int] = int,
) -> Callable[[], None]:
    """Connects a registry with a provider, before anything is counted in it, and returns the undoing.

    Args:
        provider: any meter provider.
        scope: under which the figures are shown.
        registry: holds them.
        heartbeat: returns unix seconds of the watch thread's last round, 0 before the first.
        spans: returns the books of every exporter by its name.
        ended: returns unix seconds of the end of a process that ended by itself, 0 before.
    """
    meter = provider.get_meter(scope.name, scope.version)
    delivery = HistogramDelivery(provider, meter, scope, registry)

    def beat() -> int:
        # An instrument that is there in every collection, and asked before its data are handed on.
        delivery.join()
        guard.call(_TELL, registry.late_sums.tell)
        return heartbeat()

    registry.late_sums.accepts = delivery.adds_up
    silence = install_gauges(meter, registry, heartbeat=beat, spans=spans, ended=ended)

    def undo() -> None:
        registry.late_sums.end()
        silence()
        delivery.undo()

    return undo
