"""Whether a process under otelmon can fork, and its child sends telemetry and ends."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from otelmon.operate.doctor.canary import run
from otelmon.operate.doctor.result import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "forks"


def forks(environment: Mapping[str, str]) -> Result:
    """Starts a process that forks with otelmon switched on, and waits for its child."""
    if not hasattr(os, "fork"):
        return Result("application", NAME, "unknown", "this system has no fork")
    document, trouble = run(environment, "fork")
    if document.get("child") is True:
        return Result("application", NAME, "ok", "a forked child sent a span and ended")
    if document.get("child") is False:
        return Result("application", NAME, "unknown", "nothing is exported, by which a child could be judged")
    fix = "start workers by spawn, or activate after the fork (otelmon.instrument() in gunicorn's post_fork)"
    return Result("application", NAME, "finding", f"a forked child did not send and end: {trouble}", fix)
