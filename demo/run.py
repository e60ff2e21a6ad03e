"""The demo itself: start, send traffic, find everything again, end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo import evidence, secrecy
from demo.parts import collector, programs, service, stack
from demo.parts.ports import Ports
from demo.parts.steps import Steps
from demo.parts.supervisor import claim
from demo.planted import PlantedValues
from demo.report import Report
from demo.traffic import Traffic
from demo.waterfall import waterfall

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console


def run(console: Console, directory: Path, ports: Mapping[str, int]) -> Report:
    """Runs the whole demo and returns what it found; every part has ended afterwards.

    Raises:
        PartError: when a part cannot be had or does not start.
    """
    chosen = Ports(ports)
    supervisor = claim(directory)
    steps = Steps(console)
    ready = programs.bring(steps)
    try:
        running = stack.start(supervisor, ready, chosen, steps)
        return prove(running, steps)
    finally:
        supervisor.stop()


def prove(running: stack.Stack, steps: Steps) -> Report:
    """Plants the faults in a running stack and reads everything back; service and Collector end on the way."""
    traffic = Traffic(running.service, running.github)
    values = PlantedValues()
    readers = evidence.Readers(running)
    with steps.step("traffic with four planted faults"):
        usual = traffic.usual()
        faults = traffic.plant(values)
    with steps.step("finding them in the back ends"):
        findings = evidence.find_all(readers, faults)
    with steps.step("ending service and Collector"):
        # What they still hold leaves now, so that nothing can arrive after the search for secrets.
        running.supervisor.stop_part(service.NAME)
        running.supervisor.stop_part(collector.NAME)
    with steps.step("searching every byte for secrets"):
        secrets = secrecy.occurrences(readers, secrecy.secrets_of(running, values))
        again = secrecy.repeated_spans(readers)
    steps.console.print(waterfall(readers.jaeger.trace(usual)))
    return Report(findings, secrets, again, evidence.seconds_to_sentry(readers, faults), steps.seconds)
