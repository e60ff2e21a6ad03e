"""The instrumentor under which ``OTEL_CONFIG_FILE`` names otelmon, and code may call it like any other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opentelemetry.instrumentation.instrumentor import BaseInstrumentor  # type: ignore[attr-defined]  # not re-exported

from otelmon import guard
from otelmon.launch.entry import start

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass
class Configuration:
    """Names the options that a configuration file may give; None means "as in the environment"."""

    disabled: bool | None = None
    disabled_hooks: list[str] | None = None
    slow_query_threshold_ms: int | None = None
    slow_http_threshold_ms: int | None = None
    leak_after_ms: int | None = None
    github_hosts: list[str] | None = None
    label_limit: int | None = None
    sql_text: str | None = None
    shutdown_timeout_ms: int | None = None


class OtelmonInstrumentor(BaseInstrumentor):  # type: ignore[misc]  # upstream ships the class untyped
    """Activates otelmon; a second activation, by wrapper and file for instance, is silent and does nothing."""

    configuration = Configuration

    def instrumentation_dependencies(self) -> Collection[str]:
        """Returns nothing: otelmon works with whatever libraries are there."""
        return ()

    def instrument(self, **kwargs: Any) -> None:  # noqa: ANN401 - the base class's signature
        """Activates otelmon with the options given."""
        if not self.is_instrumented_by_opentelemetry:
            super().instrument(**kwargs)

    def _instrument(self, **kwargs: Any) -> None:  # noqa: ANN401 - the base class's signature
        start(kwargs)

    @guard.guarded("launch.instrumentor")
    def _uninstrument(self, **_kwargs: Any) -> None:  # noqa: ANN401 - the base class's signature
        from otelmon.launch.activate import deactivate  # noqa: PLC0415 - as above

        deactivate()
