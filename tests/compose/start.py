"""Starts docker-compose.yml for real, looks for a slow query in every place where it must arrive, and ends it again.

Official images are pulled where they can be; else ``images.py`` builds local ones of the same names. Run it as
``make test-compose``; it needs root or a running container engine.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from engine import CannotRun, compose_command, engine
from images import Images

ROOT = Path(__file__).parents[2]
SECONDS_TO_ARRIVE = 240
PORTS = (
    "APP",
    "JAEGER",
    "VICTORIAMETRICS",
    "VMALERT",
    "ALERTMANAGER",
    "GRAFANA",
    "OTLP_GRPC",
    "OTLP_HTTP",
    "POSTGRESQL",
    "PAGE",
)
WITHOUT_GRAFANA = [
    "app",
    "observer",
    "canary",
    "postgresql",
    "collector",
    "jaeger",
    "victoriametrics",
    "vmalert",
    "alertmanager",
    "page",
]
PASSWORDS = ("POSTGRES_PASSWORD", "READER_PASSWORD", "GRAFANA_PASSWORD", "PAGE_PASSWORD")
Check = Callable[[], bool]


def printed(command: list[str], environment: dict[str, str]) -> tuple[int, str, str]:
    """Runs a command; returns its exit code and what it printed to both streams."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def free_ports() -> dict[str, str]:
    """Returns a free loopback port for every published one."""
    sockets = {f"OTELMON_PORT_{name}": socket.create_server(("127.0.0.1", 0)) for name in PORTS}
    chosen = {name: str(each.getsockname()[1]) for name, each in sockets.items()}
    for each in sockets.values():
        each.close()
    return chosen


def get(port: str, path: str) -> str:
    """Returns the body of an answer on loopback."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return str(answer.read().decode())


def page(port: str, password: str) -> tuple[int, str]:
    """Returns the status and the text of the team's page, whose certificate signs itself."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    request = urllib.request.Request(f"https://127.0.0.1:{port}/", headers={"authorization": f"Bearer {password}"})
    try:
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:
            return answer.status, str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return error.code, ""


def checks(ports: dict[str, str], password: str) -> dict[str, Check]:
    """Returns what must become true, by a sentence that says it."""
    jaeger, metrics = ports["OTELMON_PORT_JAEGER"], ports["OTELMON_PORT_VICTORIAMETRICS"]
    tags = "%7B%22otelmon.keep%22%3A%22slow_db%22%7D"

    def trace() -> bool:
        found = json.loads(get(jaeger, f"/api/traces?service=contributors&limit=5&lookback=1h&tags={tags}"))["data"]
        return bool(found)

    def series() -> bool:
        found = json.loads(get(metrics, "/api/v1/label/__name__/values"))["data"]
        return any(name.startswith("db_client_connection") for name in found)

    def observed() -> bool:
        return "otelmon_postgresql_up" in get(metrics, "/api/v1/label/__name__/values")

    def canary() -> bool:
        names = ("jaeger_kept", "jaeger_sampled", "metrics")
        query = "/api/v1/query?query=sum(otelmon_canary_seen_total)by(otelmon_hop)%3E0"
        found = {each["metric"].get("otelmon_hop") for each in json.loads(get(metrics, query))["data"]["result"]}
        return found == set(names)

    def alerts() -> bool:
        return "OtelmonWatchdog" in get(ports["OTELMON_PORT_ALERTMANAGER"], "/api/v2/alerts")

    def slow_page() -> bool:
        return "collaborators" in get(ports["OTELMON_PORT_APP"], "/faults/slow-query")

    def shown() -> bool:
        status, text = page(ports["OTELMON_PORT_PAGE"], password)
        return (page(ports["OTELMON_PORT_PAGE"], "wrong")[0], status) == (401, 200) and "contributors" in text

    return {
        "the slow page answers": slow_page,
        "Jaeger has a trace with otelmon.keep=slow_db": trace,
        "VictoriaMetrics has series of the connection pool": series,
        "VictoriaMetrics has what the observer saw of PostgreSQL": observed,
        "the canary was found behind every hop": canary,
        "Alertmanager has the dead man's switch from vmalert": alerts,
        "the team's page shows the service to whoever has the password": shown,
    }


def wait_for(sentence: str, check: Check) -> bool:
    """Polls until a check holds; says whether it did."""
    end = time.monotonic() + SECONDS_TO_ARRIVE
    held = False
    while not held and time.monotonic() < end:
        try:
            held = check()
        except (OSError, ValueError, KeyError):
            held = False
        if not held:
            time.sleep(0.5)
    sys.stdout.write(f"{'ok     ' if held else 'missing'} {sentence}\n")
    return held


class Project:
    """Runs compose for one project."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.command = [*compose_command(), "--project-directory", str(ROOT), "--project-name", "otelmon-compose-test"]

    def run(self, *arguments: str, check: bool = True) -> str:
        """Runs one command of compose and returns what it printed."""
        code, output, errors = printed([*self.command, *arguments], self.environment)
        if check and code:
            raise SystemExit(f"compose {' '.join(arguments)}: {errors.strip()}")
        return output

    def unhealthy(self) -> list[str]:
        """Returns the containers that run and are not healthy."""
        names = ["docker", "ps", "--filter", "label=com.docker.compose.project=otelmon-compose-test"]
        _, listed, _ = printed([*names, "--format", "{{.Names}} {{.Status}}"], self.environment)
        return [line for line in listed.splitlines() if "(healthy)" not in line]


def prepare(environment: dict[str, str], folder: Path) -> list[str]:
    """Makes images available; returns the services that can be started with them."""
    if printed(["docker", "pull", "--quiet", "alpine:3.22.2"], environment)[0] == 0:
        return []
    sys.stdout.write("==> official images cannot be pulled: building local ones of the same names; no Grafana\n")
    Images(environment, folder).all()
    return ["--no-build", *WITHOUT_GRAFANA]


def try_out(environment: dict[str, str], folder: Path) -> bool:
    """Starts the project, looks at it, ends it; returns whether everything was found."""
    services = prepare(environment, folder)
    ports = free_ports()
    passwords = {name: secrets.token_hex(16) for name in PASSWORDS}
    project = Project({**environment, **ports, **passwords})
    try:
        sys.stdout.write("==> compose up\n")
        project.run("up", "--detach", *services)
        everything = {
            "every container is healthy": lambda: project.unhealthy() == [],
            **checks(ports, passwords["PAGE_PASSWORD"]),
        }
        good = all(wait_for(sentence, check) for sentence, check in everything.items())
        if not good:
            sys.stdout.write(project.run("ps") + project.run("logs", "--tail=20"))
        return good
    finally:
        project.run("down", "--volumes", "--timeout=10", check=False)


def main() -> int:
    """Runs the whole test: 0 good, 1 something was not found, 2 could not be run here."""
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="otelmon-compose-") as folder:
        for name in ("engine", "images"):
            (Path(folder) / name).mkdir()
        try:
            with engine(Path(folder) / "engine") as environment:
                return 0 if try_out(environment, Path(folder) / "images") else 1
        except CannotRun as reason:
            sys.stderr.write(f"test-compose was not run: {reason}\n")
            return 2


if __name__ == "__main__":
    sys.exit(main())
