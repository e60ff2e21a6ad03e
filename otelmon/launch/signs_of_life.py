"""What a process gives to those who watch whether it lives: canaries, and a heartbeat past OpenTelemetry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.launch.service_name import service_name
from otelmon.watch.canary import CanaryRounds, send_canary
from otelmon.watch.heartbeat import Heartbeat

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.trace import Tracer

    from otelmon.registry.promoted import PromotedSpans
    from otelmon.settings import Settings


class SignsOfLife:
    """Holds both, as the settings want them.

    Args:
        settings: intervals and places.
        tracer: makes the spans of canaries.
        promoted: lets them through a head sampler.
    """

    def __init__(self, settings: Settings, tracer: Tracer, promoted: PromotedSpans) -> None:
        self._canary = CanaryRounds(settings.canary_interval_ms, lambda: send_canary(tracer, promoted.add))
        self._heartbeat = Heartbeat(
            settings.heartbeat_directory, settings.heartbeat_url, settings.heartbeat_interval_ms, service_name
        )

    def tasks(self) -> list[tuple[str, Callable[[], None]]]:
        """Returns what the watch does in every round, by name."""
        return [*self._canary.tasks(), *self._heartbeat.tasks()]

    def finish(self) -> None:
        """Takes the heartbeat's file away."""
        self._heartbeat.finish()
