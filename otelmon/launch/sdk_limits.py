"""Makes OpenTelemetry's own numbers usable where otelmon sets the SDK up.

The SDK refuses to start where a batch is larger than its queue, so that all telemetry is off, and writes a traceback
for a number that it cannot read (tests/fault/test_settings_46_50.py). Names and defaults are those of
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

LONGEST_VALUE_SHOWN = 40
# Queue and batch of spans and of log records: what is unset counts with the specification's default.
PAIRS = (
    ("OTEL_BSP_MAX_QUEUE_SIZE", 2048, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512),
    ("OTEL_BLRP_MAX_QUEUE_SIZE", 2048, "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", 512),
)
NUMBERS = (
    *(name for pair in PAIRS for name in (pair[0], pair[2])),
    "OTEL_BSP_SCHEDULE_DELAY",
    "OTEL_BSP_EXPORT_TIMEOUT",
    "OTEL_BLRP_SCHEDULE_DELAY",
    "OTEL_BLRP_EXPORT_TIMEOUT",
    "OTEL_METRIC_EXPORT_INTERVAL",
    "OTEL_METRIC_EXPORT_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
    "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",
)
# More digits than any of them can need.
MOST_DIGITS = 12


def make_usable(environment: MutableMapping[str, str]) -> tuple[str, ...]:
    """Removes what cannot be read, and makes no batch larger than its queue.

    Args:
        environment: usually ``os.environ``.

    Returns:
        One warning for each value that is not used as it stands; an empty one counts as unset.
    """
    warnings = []
    for name in NUMBERS:
        text = environment.get(name)
        if text is None or _is_positive(text, decimals="OTLP" in name):
            continue
        del environment[name]
        if text.strip():
            shown = ascii(text[:LONGEST_VALUE_SHOWN])
            warnings.append(f"setting_not_usable name={name} value={shown} used=default accepted='a number above 0'")
    for queue_name, queue_default, batch_name, batch_default in PAIRS:
        queue = _number(environment, queue_name, queue_default)
        if _number(environment, batch_name, batch_default) <= queue:
            continue
        if batch_name in environment:
            warnings.append(
                f"settings_contradict name={batch_name} value={environment[batch_name]} used={queue} "
                f"accepted='at most {queue_name}'"
            )
        environment[batch_name] = str(queue)
    return tuple(warnings)


def _is_positive(text: str, *, decimals: bool) -> bool:
    """Tells whether the SDK reads a text as a number above zero; timeouts of OTLP may have decimals."""
    digits = text.strip().replace(".", "", 1 if decimals else 0)
    return digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS and int(digits) > 0


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    return int(environment.get(name, default))
