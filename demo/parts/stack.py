"""Starts all parts in the order in which they need one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.parts import (
    alertmanager,
    collector,
    jaeger,
    observer,
    postgres,
    service,
    stand_ins,
    victoriametrics,
    vmalert,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.parts.alertmanager import Alertmanager
    from demo.parts.collector import Collector
    from demo.parts.jaeger import Jaeger
    from demo.parts.observer import Observer
    from demo.parts.ports import Ports
    from demo.parts.postgres import Postgres
    from demo.parts.programs import Programs
    from demo.parts.service import Service
    from demo.parts.stand_ins import GitHubStandIn, Notifications, SentryStandIn
    from demo.parts.steps import Steps
    from demo.parts.supervisor import Supervisor
    from demo.parts.victoriametrics import VictoriaMetrics
    from demo.parts.vmalert import Vmalert


@dataclass(frozen=True)
class Stack:
    """Holds how to reach every running part."""

    supervisor: Supervisor
    postgres: Postgres
    github: GitHubStandIn
    sentry: SentryStandIn
    jaeger: Jaeger
    victoriametrics: VictoriaMetrics
    collector: Collector
    observer: Observer
    service: Service
    notifications: Notifications
    alertmanager: Alertmanager
    vmalert: Vmalert


def start(
    supervisor: Supervisor, programs: Programs, ports: Ports, steps: Steps, settings: Mapping[str, str] | None = None
) -> Stack:
    """Starts everything.

    Args:
        supervisor: owns the processes.
        programs: of all parts.
        ports: give each its listeners.
        steps: told what goes on.
        settings: more variables of OpenTelemetry and otelmon for the service.

    Raises:
        PartError: when a part does not become ready; what was started before still runs.
    """
    with steps.step("PostgreSQL with 120,000 rows"):
        database = postgres.start(supervisor, programs.postgres, ports.take(postgres.NAME))
    with steps.step("GitHub and Sentry stand-ins"):
        github = stand_ins.start_github(supervisor, ports.take(stand_ins.GITHUB))
        sentry = stand_ins.start_sentry(supervisor, ports.take(stand_ins.SENTRY))
    with steps.step("Jaeger"):
        traces = jaeger.start(supervisor, programs.jaeger, ports)
    with steps.step("VictoriaMetrics"):
        metrics = victoriametrics.start(supervisor, programs.victoriametrics, ports)
    with steps.step("OpenTelemetry Collector"):
        backends = collector.backends(traces, metrics, sentry)
        gateway = collector.start(supervisor, programs.collector, ports, backends)
    with steps.step("observer of the database"):
        watching = observer.start(supervisor, ports.take(observer.NAME), database, gateway.endpoint)
    with steps.step("service under opentelemetry-instrument"):
        telemetry = {**service.telemetry_to(gateway.endpoint, github), **(settings or {})}
        running = service.start(supervisor, ports.take(service.NAME), database, github, telemetry)
    with steps.step("vmalert and Alertmanager"):
        # Last: a rule that misses a part must not fire while parts still start.
        on_call = stand_ins.start_notifications(supervisor, ports.take(stand_ins.NOTIFICATIONS))
        sent_to = alertmanager.Routes(on_call, alertmanager.shipped_routes())
        routes = alertmanager.start(supervisor, programs.alertmanager, ports, sent_to)
        task = vmalert.Task(metrics, routes, vmalert.shipped_rules())
        rules = vmalert.start(supervisor, programs.vmalert, ports, task)
    return Stack(
        supervisor, database, github, sentry, traces, metrics, gateway, watching, running, on_call, routes, rules
    )
