"""The command ``otelmon observe`` as a process: telemetry, health, signals, secrets."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sysconfig
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from demo.parts.ports import free_port
from otelmon.operate.cli.main import main
from tests.integration.observe.conftest import TEMPLATE
from tests.integration.observe.test_servers import processes
from tests.otlp_sink import OtlpSink, attributes_of
from tests.sql.database import READER
from tests.sql.servers import PASSWORD, Server

if TYPE_CHECKING:
    from collections.abc import Iterator

OTELMON = Path(sysconfig.get_path("scripts")) / "otelmon"


class Process:
    """Holds a running ``otelmon observe`` and where it answers."""

    def __init__(self, child: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.child = child
        self.port = port
        self.log = log

    def get(self, path: str, method: str = "GET") -> tuple[int, str, Any]:
        """Returns status, media type and document of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request(method, path)
        given = connection.getresponse()
        body = given.read()
        connection.close()
        return given.status, given.headers["content-type"], json.loads(body) if body else None

    def until_ready(self, seconds: float = 30.0) -> None:
        """Waits until it observes."""
        end = time.monotonic() + seconds
        ready = False
        while not ready:
            assert time.monotonic() < end, self.log.read_text()
            try:
                ready = self.get("/readyz")[0] == 200
            except OSError:
                time.sleep(0.05)

    def end(self) -> float:
        """Sends SIGTERM and returns the seconds until the end, which has to be clean."""
        began = time.monotonic()
        self.child.send_signal(signal.SIGTERM)
        assert self.child.wait(15) == 0, self.log.read_text()
        return time.monotonic() - began


@contextmanager
def observing(dsn: str, endpoint: str, folder: Path) -> Iterator[Process]:
    """Runs the command with a Collector's address."""
    port, log = free_port(), folder / "observe.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL", "PG"))}
    environment |= {"OTELMON_OBSERVE_DSN": dsn, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}
    command = [str(OTELMON), "observe", "--interval", "1", "--health-port", str(port)]
    with log.open("wb") as output:
        child = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield Process(child, port, log)
    finally:
        if child.poll() is None:
            child.kill()
        child.wait(5)


@pytest.fixture(scope="module")
def sink() -> Iterator[OtlpSink]:
    """Gives a receiver."""
    receiver = OtlpSink()
    yield receiver
    receiver.close()


@pytest.fixture(scope="module")
def running(server: Server, sink: OtlpSink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Gives an observer that is ready."""
    with observing(server.url(TEMPLATE, READER), sink.endpoint, tmp_path_factory.mktemp("observe")) as process:
        process.until_ready()
        yield process


def test_metrics_arrive_with_their_server(running: Process, sink: OtlpSink, server: Server) -> None:
    """Figures of views and of the observer itself reach a Collector, and say which server they are of."""
    wanted = {"postgresql.commits", "otelmon.postgresql.view.up", "otelmon.postgresql.connection.count"}
    sink.wait_for(lambda each: wanted <= each.metrics().keys(), 30)
    resource = next(sink.messages("/v1/metrics")).resource_metrics[0].resource
    assert attributes_of(resource)["server.port"] == server.port
    assert attributes_of(resource)["service.name"] == "postgresql"
    metric = sink.metrics()["postgresql.commits"]
    assert (metric.unit, metric.sum.is_monotonic) == ("1", True)
    assert running.child.poll() is None


def test_status_tells_everything_and_no_secret(running: Process, server: Server) -> None:
    """/status has the server, the schema, the extension and every view; neither it nor the log has the password."""
    status, media_type, document = running.get("/status")
    ends = time.monotonic() + 30
    # Until the view of extensions has been read it is not known whether this one is there.
    while document["pg_stat_statements"] == "unknown" and time.monotonic() < ends:
        time.sleep(0.1)
        status, media_type, document = running.get("/status")
    assert (status, media_type) == (200, "application/json")
    assert (document["connected"], document["pg_stat_statements"], document["schema_version"]) == (True, "ok", 1)
    assert document["server_version"].startswith(str(server.major))
    assert set(document["views"]["wal"]) == {
        "reason", "detail", "last_success", "age_seconds", "every_seconds", "rows", "ms"
    }  # fmt: skip
    assert PASSWORD not in json.dumps(document) + running.log.read_text()


@pytest.mark.parametrize(
    ("path", "method", "status", "media_type"),
    [
        ("/livez", "GET", 200, "application/health+json"),
        ("/readyz?verbose", "GET", 200, "application/health+json"),
        ("/readyz", "HEAD", 200, "application/health+json"),
        ("/", "GET", 404, "application/json"),
        ("/livez", "POST", 405, "application/json"),
    ],
)
def test_health_over_http(running: Process, path: str, method: str, status: int, media_type: str) -> None:
    """Liveness and readiness are answered in the form of health checks, and nothing else is served."""
    assert running.get(path, method)[:2] == (status, media_type)


def test_slow_clients_are_bounded_and_cut(running: Process) -> None:
    """Those who send nothing take a few connections for two seconds; then health answers again."""
    with ExitStack() as opened:
        for _ in range(40):
            opened.enter_context(socket.create_connection(("127.0.0.1", running.port), timeout=5)).sendall(b"GET /")
        running.until_ready(10)
    assert running.get("/livez")[0] == 200


@pytest.mark.parametrize("rubbish", [b"\r\n\r\n", b"\x16\x03\x01" * 100, b"A" * 100_000, b"GET\r\n\r\n"])
def test_rubbish_is_survived(running: Process, rubbish: bytes) -> None:
    """What is no HTTP ends its own connection and nothing else."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=5) as client, suppress(OSError):
        # Whoever is sent away meets it here or there: a reset while sending, or no connection to shut down any more.
        client.sendall(rubbish)
        client.shutdown(socket.SHUT_WR)
        client.recv(1)
    assert running.get("/livez")[0] == 200


def test_sigterm_ends_it_cleanly_and_sends_the_rest(server: Server, tmp_path: Path) -> None:
    """A signal ends the process with 0, within five seconds, after a last export."""
    receiver = OtlpSink()
    with observing(server.url(TEMPLATE, READER), receiver.endpoint, tmp_path) as process:
        process.until_ready()
        seconds = process.end()
    receiver.close()
    assert seconds < 5
    assert receiver.metrics()
    assert "Traceback" not in process.log.read_text()


def test_sigterm_with_everything_hanging(server: Server, tmp_path: Path) -> None:
    """With a frozen server and a Collector that never answers, the end comes within five seconds all the same."""
    receiver = OtlpSink()
    receiver.delay = 60.0
    with observing(server.url(TEMPLATE, READER), receiver.endpoint, tmp_path) as process:
        process.until_ready()
        frozen = processes(server)
        for each in frozen:
            os.kill(each, signal.SIGSTOP)
        try:
            time.sleep(0.05)
            seconds = process.end()
        finally:
            for each in frozen:
                os.kill(each, signal.SIGCONT)
    receiver.close()
    assert seconds < 5


def test_once_shows_what_would_be_seen(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """--once --json prints every view and every figure as the server counts it, and ends with 0."""
    assert main(["observe", "--once", "--json", "--dsn", server.url(TEMPLATE, READER)]) == 0
    text = capsys.readouterr().out
    document = json.loads(text)
    assert {view["reason"] for view in document["views"].values()} == {"ok"}
    commits = next(each for each in document["metrics"] if each["name"] == "postgresql.commits")
    assert (commits["attributes"], commits["value"] > 0) == ({"db.namespace": TEMPLATE}, True)
    assert PASSWORD not in text


def test_once_for_people(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """--once prints a line for the server, for each view and for each figure; a view that is not read makes it 1."""
    assert main(["observe", "--once", "--dsn", server.url("postgres", READER)]) == 1
    printed = capsys.readouterr().out
    assert "PostgreSQL" in printed.splitlines()[0]
    assert "otelmon sql install" in printed


@pytest.mark.parametrize(
    ("dsn", "said"),
    [
        ("postgresql://otelmon_reader:planted-secret@127.0.0.1:1/app", "cannot connect: unreachable"),
        ("host=127.0.0.1 password=planted-secret =", "--dsn cannot be read"),
    ],
)
def test_no_database_is_one_line_without_the_password(dsn: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be reached or read is said in one line, exit code 2, and the connection string is not shown."""
    assert main(["observe", "--once", "--dsn", dsn]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert (error.count("\n"), "planted-secret" in error) == (1, False)


def test_taken_port_is_said(server: Server, tmp_path: Path) -> None:
    """Where health cannot be served the command ends with 2 and says how to mend it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [str(OTELMON), "observe", "--health-port", str(port), "--dsn", server.url(TEMPLATE, READER)]
        environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=30
        )
    assert done.returncode == 2
    assert "--health-port" in done.stderr
