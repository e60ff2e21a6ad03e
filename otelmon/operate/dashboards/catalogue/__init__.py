"""The four dashboards, from the widest question to the narrowest."""

from __future__ import annotations

from otelmon.operate.dashboards.catalogue.health import HEALTH
from otelmon.operate.dashboards.catalogue.performance import PERFORMANCE
from otelmon.operate.dashboards.catalogue.problems import PROBLEMS
from otelmon.operate.dashboards.catalogue.queries import QUERIES

DASHBOARDS = (HEALTH, PROBLEMS, PERFORMANCE, QUERIES)
