"""Makes a running Collector read its configuration again, after the real program has found it good."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from otelmon.operate.errors import OperateError


def reload(pid: int, program: str) -> None:
    """Sends SIGHUP to a Collector.

    Upstream stops the old pipelines before it builds the new ones and ends when those cannot be built: whoever calls
    this has validated first (https://github.com/open-telemetry/opentelemetry-collector/blob/v0.155.0/otelcol/collector.go).

    Args:
        pid: of the running Collector.
        program: file name that the process must have, so that a mistyped number hits nobody else.

    Raises:
        OperateError: there is no such process, it is another program, or it belongs to somebody else.
    """
    try:
        running = Path(f"/proc/{pid}/exe").readlink().name.removesuffix(" (deleted)")
        if running != program:
            raise OperateError(f"process {pid} is {running}, not {program}: nothing was sent")
        os.kill(pid, signal.SIGHUP)
    except OSError as error:
        raise OperateError(f"process {pid} cannot be told to reload: {error.strerror}") from error
