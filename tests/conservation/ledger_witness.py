"""Runs in an application's process beside otelmon and writes what its ledger says once everything is over.

It is found by entry points ``opentelemetry_pre_instrument`` and ``_post_instrument``, and where there is no wrapper, as
``sitecustomize``. It counts by itself what is handed to the SDK's batch processor, so that the ledger is not its own
judge; from before the first span on, which may end before any instrumentor is loaded.
"""

from __future__ import annotations

import atexit
import itertools
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

FOLDER = "LEDGER_BOOKS"
# Spans end in several threads: a step of this one is not divided.
_handed = {"spans": itertools.count()}


def begin() -> None:
    """Writes the books after otelmon's own end, where otelmon is on."""
    activate = sys.modules.get("otelmon.launch.activate")
    if activate is None or activate.active() is None:
        return
    from otelmon.launch import lifecycle

    at_exit = lifecycle.at_exit

    def witnessed(watch: Any, ledger: Any, timeout: float) -> None:
        at_exit(watch, ledger, timeout)
        write(ledger.snapshot(), next(_handed["spans"]))

    lifecycle.at_exit = witnessed
    os.register_at_fork(after_in_child=lambda: _handed.update(spans=itertools.count()))


def begin_without_a_wrapper() -> None:
    """Is registered before otelmon's end, and so runs after it."""
    atexit.register(_write_of_active)


def count() -> None:
    """Counts from now on; found on the path before otelmon, so that no span is earlier."""
    from opentelemetry.sdk._shared_internal import BatchProcessor

    emit = BatchProcessor.emit

    def counted(processor: Any, data: Any) -> None:
        if processor._exporting == "Span":
            next(_handed["spans"])
        emit(processor, data)

    BatchProcessor.emit = counted


def _write_of_active() -> None:
    activate = sys.modules.get("otelmon.launch.activate")
    if activate is not None and activate.active() is not None:
        write(activate.active().ledger.snapshot(), None)


def write(accounts: dict[str, Any], handed: int | None) -> None:
    """Writes the books of this process.

    Args:
        accounts: of each exporter.
        handed: spans that were handed to batch processors; None where nobody counted.
    """
    told = {
        name: {"started": each.started, "delivered": each.delivered, "lost": dict(each.lost)}
        for name, each in accounts.items()
    }
    book = {"accounts": told, "handed": handed}
    Path(os.environ[FOLDER], f"{os.getpid()}-{time.time_ns()}.json").write_text(json.dumps(book))
