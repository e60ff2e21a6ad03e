"""Whether OpenTelemetry's own variables switch something off, or say something else than they seem to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from otelmon.operate.doctor.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# name, default; of both pairs the first may not be larger. Source: opentelemetry-sdk, BatchSpanProcessor.
BATCHES = (
    ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512, "OTEL_BSP_MAX_QUEUE_SIZE", 2048),
    ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", 512, "OTEL_BLRP_MAX_QUEUE_SIZE", 2048),
)
NUMBERS = (
    "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BLRP_EXPORT_TIMEOUT",
    "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",
)  # fmt: skip
# The SDK for Python reads these in seconds, where OpenTelemetry's specification says milliseconds.
LONGEST_SENSIBLE_TIMEOUT = 600.0
# Alerts are to be told within two minutes, and are evaluated and held for one of them.
LONGEST_INTERVAL_MS = 30_000.0
OFF = ("always_off", "parentbased_always_off")
RATIOS = ("traceidratio", "parentbased_traceidratio")
SAMPLERS = (*OFF, *RATIOS, "always_on", "parentbased_always_on")
GROUP: Final = "application"


def limits(environment: Mapping[str, str]) -> Iterator[Result]:
    """Yields findings, or one result that says that there are none."""
    found = [*_batches(environment), *_numbers(environment), *_intervals(environment), *_sampler(environment)]
    yield from found or [Result(GROUP, "limits and sampler", "ok", "batches, timeouts and sampler go together")]


def _number(environment: Mapping[str, str], name: str, default: float) -> float | None:
    text = environment.get(name, "").strip()
    try:
        return float(text) if text else default
    except ValueError:
        return None


def _batches(environment: Mapping[str, str]) -> Iterator[Result]:
    for batch, usual, queue, usual_queue in BATCHES:
        size, room = _number(environment, batch, usual), _number(environment, queue, usual_queue)
        if size is None or room is None:
            wrong = batch if size is None else queue
            yield Result(GROUP, wrong, "finding", "is no number: the SDK sets nothing up", f"unset {wrong}")
        elif size > room or size <= 0:
            seen = f"a batch of {size:g} does not fit a queue of {room:g}: the SDK sets nothing up"
            yield Result(GROUP, batch, "finding", seen, f"set {batch} to {queue} or less")


def _numbers(environment: Mapping[str, str]) -> Iterator[Result]:
    for name in NUMBERS:
        number = _number(environment, name, 1.0)
        if number is None or number <= 0:
            yield Result(GROUP, name, "finding", "is no number above zero", f"unset {name}")
        elif name.startswith("OTEL_EXPORTER_OTLP") and number > LONGEST_SENSIBLE_TIMEOUT:
            seen = f"{number:g} is read as seconds by the SDK for Python"
            yield Result(GROUP, name, "finding", seen, f"unset {name}, which then is 10 s")


def _intervals(environment: Mapping[str, str]) -> Iterator[Result]:
    name = "OTEL_METRIC_EXPORT_INTERVAL"
    interval = _number(environment, name, 10_000.0)
    if interval is not None and interval > LONGEST_INTERVAL_MS:
        seen = f"metrics leave every {interval / 1000:g} s: alerts cannot be told within two minutes"
        yield Result(GROUP, name, "finding", seen, f"unset {name}, which then is 10 s")


def _sampler(environment: Mapping[str, str]) -> Iterator[Result]:
    name = "OTEL_TRACES_SAMPLER"
    sampler = environment.get(name, "").strip().lower()
    ratio = _number(environment, "OTEL_TRACES_SAMPLER_ARG", 1.0)
    if sampler in OFF:
        yield Result(
            GROUP, name, "finding", f"{sampler}: no trace is sent, save slow and failed database calls",
            f"unset {name}, and sample in the Collector",
        )  # fmt: skip
    elif sampler in RATIOS and (ratio is None or not 0 <= ratio <= 1):
        seen = f"{sampler} with an argument that is no share: the SDK takes 1"
        yield Result(GROUP, "OTEL_TRACES_SAMPLER_ARG", "finding", seen, "set it to a number between 0 and 1")
    elif sampler and sampler not in SAMPLERS:
        yield Result(GROUP, name, "unknown", f"{sampler} is a sampler of somebody else's: what it keeps is not known")
