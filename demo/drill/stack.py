"""Starts the stack that a drill is made against: three services, three servers and a standby, each with an observer."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from demo.drill import disk, limits, rules, standby
from demo.drill.places import Database, Places
from demo.parts import alertmanager, collector, jaeger, observer, postgres, service, stand_ins, victoriametrics, vmalert
from demo.parts.pace import USUAL
from demo.parts.waiting import answers
from demo.seed import Amounts
from demo.server import LOOPBACK

if TYPE_CHECKING:
    from demo.parts.collector import Collector
    from demo.parts.jaeger import Jaeger
    from demo.parts.ports import Ports
    from demo.parts.postgres import Postgres
    from demo.parts.programs import Programs
    from demo.parts.stand_ins import GitHubStandIn, Notifications, SentryStandIn
    from demo.parts.steps import Steps
    from demo.parts.supervisor import Supervisor
    from demo.parts.victoriametrics import VictoriaMetrics

HEARTBEATS = "heartbeats"
GATE, JAEGER_GATE = "gate", "gate-jaeger"
NAMES = ("contributors", "ledger", "archive", "standby")
LEDGER = postgres.Server(
    "postgres-ledger",
    # Connections that can be used up, a standby that nobody hangs up on.
    {"max_connections": "30", "wal_sender_timeout": "0", "wal_keep_size": "256MB"},
)
ARCHIVE = postgres.Server(
    "postgres-archive",
    # Autovacuum would freeze in seconds what took years: off, it can be seen how old ids grow.
    {"max_connections": "30", "shared_buffers": "4MB", "autovacuum": "off", "autovacuum_freeze_max_age": "2000000000"},
)
SERVICES = ("contributors", "reports", "batch")
GATED = "batch"
# So often that what is usual is known after a minute.
CANARY_MS = "2000"
FEW = Amounts(contributors=500, contributions=20_000)
PACE = replace(USUAL, leak_after=int(limits.value("OTELMON_LEAK_AFTER")))


@dataclass(frozen=True)
class Servers:
    """Holds the databases of a drill."""

    contributors: Postgres
    ledger: Postgres
    archive: Postgres
    standby: Postgres


@dataclass(frozen=True)
class Pipeline:
    """Holds where telemetry goes."""

    sentry: SentryStandIn
    jaeger: Jaeger
    victoriametrics: VictoriaMetrics
    metrics_directory: str
    collector: Collector
    collector_health: str
    gate: str
    jaeger_gate: str


@dataclass(frozen=True)
class Asked:
    """Holds whom services ask and whom they tell that they live; tokens by service."""

    github: GitHubStandIn
    tokens: dict[str, str] = field(repr=False)
    on_call: Notifications


@dataclass(frozen=True)
class Starter:
    """Starts the rooms of a stack one after the other."""

    supervisor: Supervisor
    programs: Programs
    ports: Ports
    steps: Steps

    def start(self) -> Places:
        """Starts everything and keeps where it is."""
        with self.steps.step("three PostgreSQL servers and a standby"):
            servers = self.servers()
        with self.steps.step("Collector and its back ends"):
            pipeline = self.pipeline()
        with self.steps.step("GitHub stand-in and three services"):
            github = stand_ins.start_github(self.supervisor, self.ports.take(stand_ins.GITHUB))
            tokens = {name: f"stand-in-{secrets.token_hex(16)}" for name in SERVICES}
            on_call = stand_ins.start_notifications(self.supervisor, self.ports.take(stand_ins.NOTIFICATIONS))
            addresses = self.services(servers, pipeline, Asked(github, tokens, on_call))
        with self.steps.step("four observers"):
            observers = self.observers(servers, pipeline)
        with self.steps.step("vmalert and Alertmanager"):
            rule_files = rules.render(self.supervisor.directory)
            told, routes = self.alerting(pipeline, on_call)
        places = Places(
            **{name: database_of(getattr(servers, name)) for name in NAMES},
            services=addresses, tokens=tokens, github=github.url, sentry=pipeline.sentry.url,
            jaeger=pipeline.jaeger.url, collector=pipeline.collector.endpoint,
            collector_health=pipeline.collector_health, gate=pipeline.gate, jaeger_gate=pipeline.jaeger_gate,
            victoriametrics=pipeline.victoriametrics.url, metrics_directory=pipeline.metrics_directory,
            vmalert=told, alertmanager=routes, notifications=on_call.url, observers=observers,
            rules=str(rule_files[0].parent),
        )  # fmt: skip
        places.write(self.supervisor.directory)
        return places

    def servers(self) -> Servers:
        """Starts the databases."""
        programs = self.programs.postgres
        contributors = postgres.start(self.supervisor, programs, self.ports.take("postgres"), FEW)
        ledger = postgres.start(self.supervisor, programs, self.ports.take(LEDGER.name), FEW, LEDGER)
        archive = postgres.start(self.supervisor, programs, self.ports.take(ARCHIVE.name), FEW, ARCHIVE)
        for each in (contributors, ledger, archive):
            observer.prepare(each)
        copy = standby.start(self.supervisor, ledger, self.ports.take(standby.NAME))
        return Servers(contributors, ledger, archive, copy)

    def pipeline(self) -> Pipeline:
        """Starts the Collector, what it sends to, and a gate in front of it."""
        sentry = stand_ins.start_sentry(self.supervisor, self.ports.take(stand_ins.SENTRY))
        traces = jaeger.start(self.supervisor, self.programs.jaeger, self.ports)
        directory = disk.small(self.supervisor.directory / "victoriametrics")
        metrics = victoriametrics.start(self.supervisor, self.programs.victoriametrics, self.ports)
        in_front = self.gate(JAEGER_GATE, traces.otlp_endpoint)
        backends = collector.backends(replace(traces, otlp_endpoint=in_front), metrics, sentry)
        queue = {"OTELMON_COLLECTOR_QUEUE_BYTES": limits.value("OTELMON_COLLECTOR_QUEUE_BYTES")}
        gateway = collector.start(self.supervisor, self.programs.collector, self.ports, {**backends, **queue})
        gates = self.gate(GATE, gateway.endpoint), in_front
        return Pipeline(sentry, traces, metrics, directory, gateway, gateway.health, *gates)

    def gate(self, name: str, to: str) -> str:
        """Starts a gate in front of an address and returns its own."""
        port = self.ports.take(name)
        url = f"http://{LOOPBACK}:{port}"
        program = stand_ins.module(name, "demo.gate", port, "--to", to)
        self.supervisor.start(program, lambda: answers(f"{url}/gate"))
        return url

    def services(self, servers: Servers, pipeline: Pipeline, asked: Asked) -> dict[str, str]:
        """Starts the services side by side and returns their addresses; one of them sends through the gate."""
        ports = {name: self.ports.take(name) for name in SERVICES}

        def begin(name: str) -> str:
            endpoint = pipeline.gate if name == GATED else pipeline.collector.endpoint
            github = replace(asked.github, token=asked.tokens[name])
            telemetry = {
                **service.telemetry_to(endpoint, github, PACE),
                **signs_of_life(name, asked.on_call),
                "OTELMON_HEARTBEAT_DIRECTORY": str(self.supervisor.directory / HEARTBEATS / name),
            }
            return service.start(self.supervisor, ports[name], servers.contributors, github, telemetry).url

        with ThreadPoolExecutor(len(SERVICES)) as pool:
            return dict(zip(SERVICES, pool.map(begin, SERVICES), strict=True))

    def observers(self, servers: Servers, pipeline: Pipeline) -> dict[str, str]:
        """Starts an observer for each server, side by side, and returns where each says how it is."""
        passwords = {name: observer.let_in(admin_of(getattr(servers, name))) for name in NAMES[:3]}
        # A standby has the roles of its primary.
        passwords["standby"] = passwords["ledger"]
        ports = {name: self.ports.take(f"observer-{name}") for name in NAMES}

        def begin(name: str) -> str:
            observing = observer.Observing(
                pipeline.collector.endpoint, f"observer-{name}", PACE.observer_seconds, PACE.metrics_every
            )
            dsn = observer.reader_url(getattr(servers, name).port, passwords[name])
            return observer.observe(self.supervisor, ports[name], dsn, observing).url

        with ThreadPoolExecutor(len(NAMES)) as pool:
            return dict(zip(NAMES, pool.map(begin, NAMES), strict=True))

    def alerting(self, pipeline: Pipeline, on_call: Notifications) -> tuple[str, str]:
        """Starts vmalert with the rules of the drill, and Alertmanager with the routes beside them."""
        folder = self.supervisor.directory
        sent_to = alertmanager.Routes(on_call, folder / "alerts" / "alertmanager.yml")
        routes = alertmanager.start(self.supervisor, self.programs.alertmanager, self.ports, sent_to)
        files = (*sorted((folder / "alerts" / "rules").glob("*.yaml")), rules.compared(folder))
        task = vmalert.Task(pipeline.victoriametrics, routes, files)
        return vmalert.start(self.supervisor, self.programs.vmalert, self.ports, task).url, routes.url


def signs_of_life(name: str, on_call: Notifications) -> dict[str, str]:
    """Returns the variables that name a service and let it ping past OpenTelemetry, every ten seconds."""
    return {
        "OTEL_SERVICE_NAME": name,
        "OTELMON_HEARTBEAT_URL": f"{on_call.url}/ping/{name}",
        "OTELMON_HEARTBEAT_INTERVAL": "10000",
        "OTELMON_CANARY_INTERVAL": CANARY_MS if name == GATED else "0",
    }


def database_of(server: Postgres) -> Database:
    """Returns what a fault needs to know of a server."""
    return Database(server.port, server.admin_url, server.url, str(server.programs), str(server.data))


def admin_of(server: Postgres) -> str:
    """Returns the superuser's address of the application's database."""
    return server.admin_url.replace("/postgres?", f"/{postgres.DATABASE}?")
