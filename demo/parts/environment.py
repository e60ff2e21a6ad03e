"""Decides what of this process's environment the started programs see."""

from __future__ import annotations

import os

# Whatever the person's shell says about telemetry would change what the demo shows.
LEFT_OUT = ("OTEL_", "OTELMON_", "SENTRY_", "PG", "GUNICORN_", "DATABASE_URL", "GITHUB_")


def inherited() -> dict[str, str]:
    """Returns the environment without settings that belong to the parts themselves."""
    return {name: value for name, value in os.environ.items() if not name.startswith(LEFT_OUT)}
