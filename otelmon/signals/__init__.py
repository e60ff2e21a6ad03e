"""Every metric, span attribute and event of otelmon, as data.

Gauges and calls take names, units and descriptions from here, and docs/signals.md is generated from it (``make docs``).
"""

from __future__ import annotations

from otelmon.signals.events import EVENTS
from otelmon.signals.kinds import CACHE_NAME, POOL_NAME, POOL_STATE, Instrument, Metric, Signal
from otelmon.signals.metrics import METRICS
from otelmon.signals.postgresql import POSTGRESQL_METRICS
from otelmon.signals.postgresql_events import POSTGRESQL_EVENTS
from otelmon.signals.spans import SPAN_ATTRIBUTES

__all__ = [
    "BY_NAME",
    "CACHE_NAME",
    "EVENTS",
    "METRICS",
    "POOL_NAME",
    "POOL_STATE",
    "POSTGRESQL_EVENTS",
    "POSTGRESQL_METRICS",
    "SPAN_ATTRIBUTES",
    "Instrument",
    "Metric",
    "Signal",
]

BY_NAME = {metric.name: metric for metric in (*METRICS, *POSTGRESQL_METRICS)}
