"""Renders dashboards for the page of VictoriaMetrics (``-vmui.customDashboardsPath``)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from otelmon.operate.dashboards.panel import WHOLE_WIDTH
from otelmon.operate.dashboards.promql import VMUI, spelled

if TYPE_CHECKING:
    from otelmon.operate.dashboards.panel import Dashboard, Panel

# Its rows are twelve wide, and it draws curves only.
COLUMNS = 12
NARROWEST = 4
UNITS = {"short": "", "s": "s", "bytes": "B", "percentunit": "of 1", "reqps": "1/s", "ops": "1/s"}


def rendered(dashboard: Dashboard) -> str:
    """Returns the file of a dashboard."""
    rows = [
        {"title": row.title, "panels": [panel(*each) for each in zip(row.panels, row.widths(), strict=True)]}
        for row in dashboard.rows
    ]
    return json.dumps({"title": dashboard.title, "rows": rows}, indent=1) + "\n"


def panel(each: Panel, width: int) -> dict[str, object]:
    """Returns one panel as the page of VictoriaMetrics reads it; ``width`` is of 24."""
    return {
        "title": each.title,
        "description": each.says,
        "unit": UNITS[each.unit],
        "expr": [spelled(query.promql, VMUI) for query in each.queries],
        "alias": [query.legend for query in each.queries],
        "showLegend": True,
        "width": max(NARROWEST, width * COLUMNS // WHOLE_WIDTH),
    }
