"""The variants that are measured side by side, each a command and an environment."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
WRAPPER = str(Path(sys.executable).parent / "opentelemetry-instrument")
DISTRO = ROOT / ".cache" / "distro"


@dataclass(frozen=True)
class Variant:
    """Describes one variant."""

    name: str
    meaning: str
    traced: bool
    environment: dict[str, str]

    def command(self, url: str, operations: int) -> list[str]:
        """Returns the worker's command line."""
        wrapper = [WRAPPER] if self.traced else []
        kind = "traced" if self.traced else "bare"
        return [*wrapper, sys.executable, str(Path(__file__).parent / "worker.py"), url, str(operations), kind]

    def full_environment(self, endpoint: str) -> dict[str, str]:
        """Returns the worker's environment, free of settings from outside."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "OTELMON_"))}
        return {
            **kept,
            "PYTHONPATH": str(ROOT),
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_SERVICE_NAME": "benchmark",
            # Large enough that nobody drops: what is compared must have been delivered.
            "OTEL_BSP_MAX_QUEUE_SIZE": "200000",
            **self.environment,
        }


PLAIN = {"OTELMON_DISABLED": "true", "PYTHONPATH": os.pathsep.join([str(ROOT), str(DISTRO)])}
VARIANTS = (
    Variant("bare", "psycopg2 alone", traced=False, environment={}),
    Variant("OpenTelemetry", "opentelemetry-distro with its defaults, OTLP/HTTP", traced=True, environment=PLAIN),
    Variant(
        "OpenTelemetry + metrics",
        "the same with the stable conventions, which bring the metrics of database calls",
        traced=True,
        environment={**PLAIN, "OTEL_SEMCONV_STABILITY_OPT_IN": "database,http"},
    ),
    Variant("otelmon", "the same instrumentation with otelmon and its defaults", traced=True, environment={}),
    Variant(
        "otelmon + operation log",
        "the same with an event of each call beside its span",
        traced=True,
        environment={"OTELMON_OPERATION_LOG": "sampled"},
    ),
)
