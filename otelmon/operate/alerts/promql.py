"""Pieces of PromQL that VictoriaMetrics and Prometheus read the same way."""

from __future__ import annotations

ENVIRONMENT = "deployment_environment_name"
# A service in one environment and version; its workers are summed.
APPLICATION = f"service_name, {ENVIRONMENT}, service_version"
# A PostgreSQL server as an observer names it.
SERVER = f"service_name, {ENVIRONMENT}, server_address, server_port"


def fresh(selector: str, window: str = "45s") -> str:
    """Returns the newest value of series that still report: a worker that is gone does not count for five minutes."""
    return f"last_over_time({selector}[{window}])"


def grown(selector: str, by: str, window: str = "1m") -> str:
    """Returns how far counters have risen; one that is born counts from zero, one that was away does not.

    ``increase`` of Prometheus leaves out the first value of a series, which is all there is of a rare event.
    """
    return (
        f"sum by ({by}) (\n"
        f"  increase({selector}[{window}]) > 0\n"
        f"  or ({selector} unless last_over_time({selector}[1h] offset {window}))\n"
        f")"
    )


def silent(selector: str, by: str) -> str:
    """Returns who has reported within the last hour, and does not any more."""
    return (
        f"max by ({by}) (last_over_time({selector}[1h]))\n"
        f"unless\n"
        f"max by ({by}) (last_over_time({selector}[${{silent_after_seconds}}s]))"
    )


def total(selector: str, by: str, window: str, ago: str = "") -> str:
    """Returns how far counters have risen together in a window, which may have ended some time ago."""
    offset = f" offset {ago}" if ago else ""
    return f"sum by ({by}) (increase({selector}[{window}]{offset}))"
