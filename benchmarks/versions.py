"""Which releases a variant's environment holds."""

from __future__ import annotations

from importlib.metadata import distributions
from typing import TYPE_CHECKING

from benchmarks.variants import ENVIRONMENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.variants import Variant

SHOWN = ("otelmon", "ddtrace", "sentry-sdk", "logfire", "newrelic", "opentelemetry-sdk", "psycopg2-binary", "requests")
SHOWN_WITH_TRACING = 6


def versions_of(variants: Sequence[Variant]) -> dict[str, str]:
    """Returns by variant what it consists of, the drivers in the environment of the bare one alone."""
    return {each.name: _versions(each) for each in variants}


def _versions(variant: Variant) -> str:
    places = (ENVIRONMENTS / variant.place / "lib").glob("python*/site-packages")
    found = {
        each.metadata["Name"].lower(): each.version for each in distributions(path=[str(place) for place in places])
    }
    shown = SHOWN[:SHOWN_WITH_TRACING] if variant.traced else SHOWN[SHOWN_WITH_TRACING:]
    return ", ".join(f"{name} {found[name]}" for name in shown if name in found)
