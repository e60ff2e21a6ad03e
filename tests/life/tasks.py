"""Tasks of a Celery worker under test: each makes one span and tells of it and of its process."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from opentelemetry import trace

from otelmon.launch.activate import active

FOLDER = os.environ["LIFE_FOLDER"]
app = Celery("life", broker="filesystem://", backend=f"file://{FOLDER}/results")
app.conf.update(
    broker_transport_options={"data_folder_in": f"{FOLDER}/queue", "data_folder_out": f"{FOLDER}/queue"},
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)
_begun: dict[int, int] = {}


@app.task
def work() -> dict[str, Any]:
    """Makes one span."""
    _begun[os.getpid()] = _begun.get(os.getpid(), 0) + 1
    with trace.get_tracer("application").start_as_current_span("task") as span:
        pass
    activation = active()
    return {
        "span": f"{span.get_span_context().span_id:016x}",
        "pid": os.getpid(),
        "begun": _begun[os.getpid()],
        "started": next(iter(activation.ledger.snapshot().values())).started,
        "watch": activation.watch.alive,
    }
