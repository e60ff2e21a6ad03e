"""Runs as a process of its own with the application's environment: sends one canary by the road that applications take.

It writes one line of JSON. With the argument ``fork`` a forked child sends it instead.
"""

from __future__ import annotations

import json
import os
import sys

from opentelemetry import trace

from otelmon.launch.activate import active
from otelmon.launch.entry import start
from otelmon.watch.canary import send_canary


def plant() -> dict[str, object]:
    """Sends a canary, shuts everything down as at the end of a process, and returns what became of it."""
    activation = active()
    if activation is None:
        return {"active": False}
    trace_id = send_canary(trace.get_tracer("otelmon"), activation.registry.promoted.add)
    # No heartbeat is sent: its end would be taken for that of a service, and alarm somebody.
    activation.watch.beat = 0
    activation.watch.finish(activation.settings.shutdown_timeout_ms / 1000)
    resource = getattr(trace.get_tracer_provider(), "resource", None)
    instance = "" if resource is None else str(resource.attributes.get("service.instance.id", ""))
    sessions = activation.sessions
    signals = {"traces": sessions.traces, "metrics": sessions.metrics, "logs": sessions.logs}
    return {
        "active": True,
        "started": sum(counts.started for counts in activation.ledger.snapshot().values()),
        "trace_id": f"{trace_id:032x}" if trace_id else "",
        "instance": instance,
        "books": {
            name: {"started": counts.started, "delivered": counts.delivered, "lost": dict(counts.lost)}
            for name, counts in activation.ledger.snapshot().items()
        },
        "troubles": {name: session.reason for name, session in signals.items() if session is not None},
    }


def main(arguments: list[str]) -> None:
    """Plants a canary in this process, or in a child of it."""
    start({})
    if arguments != ["fork"]:
        print(json.dumps(plant()), flush=True)  # noqa: T201 - a program that is read by the doctor
        return
    child = os.fork()
    if child == 0:
        planted = plant()
        print(json.dumps({"child": bool(planted.get("started"))}), flush=True)  # noqa: T201
        os._exit(0)
    os.waitpid(child, 0)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
