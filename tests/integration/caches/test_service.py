"""Caches of a service under ``opentelemetry-instrument``: what a receiver gets, and what a hanging reader costs."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conservation.books import BookedSink

SERVICE = Path(__file__).parent / "service.py"
ROOT = Path(__file__).parents[3]
WRAPPER = Path(sys.executable).parent / "opentelemetry-instrument"


def run(sink: BookedSink, *arguments: str, **chosen: str) -> float:
    """Runs the service until it ends well, and returns the seconds."""
    began = time.monotonic()
    command = [str(WRAPPER), sys.executable, str(SERVICE), *arguments]
    done = subprocess.run(
        command, env=sink.environment(ROOT, **chosen), capture_output=True, text=True, timeout=90, check=False
    )
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
    return time.monotonic() - began


def requests(sink: BookedSink) -> dict[tuple[str, ...], int]:
    """Returns the last value of each series of look-ups, by its attributes' values."""
    found = {}
    for message in sink.messages("/v1/metrics"):
        for resource in message.resource_metrics:
            for metric in (metric for scope in resource.scope_metrics for metric in scope.metrics):
                if metric.name == "otelmon.cache.requests":
                    for point in metric.sum.data_points:
                        labels = {each.key: each.value.string_value for each in point.attributes}
                        found[tuple(labels[key] for key in sorted(labels))] = point.as_int
    return found


EXPECTED = {
    ("__main__.square", "hit"): 1,
    ("__main__.square", "miss"): 2,
    ("django.default", "hit"): 1,
    ("django.default", "absent", "miss"): 2,
    ("prices", "hit"): 1,
    ("prices", "absent", "miss"): 2,
}


def in_order(counts: dict[tuple[str, ...], int]) -> dict[tuple[str, ...], int]:
    """Returns series in a form that does not depend on the order of their attributes, without those at zero."""
    return {tuple(sorted(key)): count for key, count in counts.items() if count}


def test_short_service_reports_all_of_its_caches(sink: BookedSink) -> None:
    """A service that ends at once: functools', Django's and a registered cache, each exact."""
    run(sink, "0")
    assert in_order(requests(sink)) == in_order(EXPECTED)


def test_hanging_reader_costs_nobody_anything(sink: BookedSink) -> None:
    """With a reader that sleeps for an hour the others arrive again and again, and the service ends in time."""
    took = run(sink, "6", "hang", OTEL_METRIC_EXPORT_INTERVAL="500")
    assert in_order(requests(sink)) == in_order(EXPECTED)
    assert len(list(sink.messages("/v1/metrics"))) >= 5
    assert took < 60
