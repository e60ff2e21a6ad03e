"""Writes dashboards/grafana/*.json and dashboards/vmui/*.json from otelmon/operate/dashboards/: ``make dashboards``."""

from __future__ import annotations

from pathlib import Path

from dashboards import grafana
from otelmon.operate.dashboards import vmui
from otelmon.operate.dashboards.catalogue import DASHBOARDS

HERE = Path(__file__).parent


def files() -> dict[str, str]:
    """Returns the text of every file by its path below this folder."""
    written = {f"grafana/{each.uid}.json": grafana.rendered(each) for each in DASHBOARDS}
    return written | {f"vmui/{each.uid}.json": vmui.rendered(each) for each in DASHBOARDS}


def main() -> None:
    """Writes every file."""
    for name, text in files().items():
        target = HERE / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
