"""Brokers that demand TLS and a password: the right ones get through, a wrong password or authority keeps data back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from benchmarks.pipeline.collectors import Collector
from benchmarks.pipeline.load import Load, Sent, Shape
from benchmarks.pipeline.sink import Sink
from demo.parts import kafka as kafka_part
from demo.parts import kafka_programs, programs
from demo.parts.places import cache_directory
from demo.parts.ports import Ports
from demo.parts.steps import Steps
from demo.parts.supervisor import Supervisor
from demo.parts.waiting import wait_for
from otelmon.operate import resources
from otelmon.operate.collector.configuration import config_files
from tests.collector.test_open_doors import certificate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from demo.parts.kafka import Kafka

pytestmark = pytest.mark.parts
OVERLAYS = resources.folder("collector") / "conf.d"
AGENT = (*config_files("kafka"), OVERLAYS / "81-kafka-agent-secured.yaml")
GATEWAY = (*config_files("kafka-gateway"), OVERLAYS / "07-kafka-gateway-secured.yaml")
PASSWORD = "a password of the broker"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a folder with certificates of the broker and of somebody else."""
    folder = tmp_path_factory.mktemp("kafka-files")
    for name in ("broker", "other"):
        certificate(folder, name)
    (folder / "broker.pem").write_text((folder / "broker.key").read_text() + (folder / "broker.crt").read_text())
    return folder


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory, files: Path) -> Iterator[Kafka]:
    """Yields a running broker with the three topics and a door that demands TLS and a password."""
    supervisor = Supervisor(tmp_path_factory.mktemp("kafka"))
    secured = kafka_part.Secured(files / "broker.pem", "otelmon", PASSWORD)
    try:
        broker = kafka_part.start(supervisor, kafka_programs.bring(cache_directory()), Ports(), secured)
        for signal in ("traces", "logs", "metrics"):
            broker.create(f"otelmon-{signal}", 2)
        yield broker
    finally:
        supervisor.stop()


def variables(
    kafka: Kafka, files: Path, sink: Sink, ca: str = "broker.crt", password: str = PASSWORD
) -> dict[str, str]:
    """Returns what leads a Collector to the secured door."""
    return {
        "OTELMON_COLLECTOR_KAFKA_BROKERS": kafka.door,
        "OTELMON_COLLECTOR_KAFKA_CA_FILE": str(files / ca),
        "OTELMON_COLLECTOR_KAFKA_PASSWORD": password,
        "OTELMON_COLLECTOR_JAEGER_ENDPOINT": sink.endpoint,
        "OTELMON_COLLECTOR_DECISION_WAIT": "1s",
    }


def some(agent: Collector) -> Sent:
    """Sends for a second and returns what the agent took."""
    load = Load(agent.http, 50, Shape(), traces_a_request=5).start()
    time.sleep(1)
    return load.stop()


@pytest.mark.parametrize(("ca", "password"), [("broker.crt", "guessed"), ("other.crt", PASSWORD)])
def test_data_gets_through_with_the_right_password_alone(
    kafka: Kafka, files: Path, tmp_path: Path, ca: str, password: str
) -> None:
    """An agent with a wrong one keeps its data and says why; started again with the right one it delivers all."""
    program, ports, sink = programs.collector(Steps(Console(stderr=True))), Ports(), Sink()
    right, wrong = variables(kafka, files, sink), variables(kafka, files, sink, ca, password)
    agent = Collector(program, "kafka", tmp_path / "agent", ports, wrong, AGENT)
    gateway = Collector(program, "kafka-gateway", tmp_path / "gateway", ports, right, GATEWAY)
    try:
        agent.start()
        gateway.start()
        sent = some(agent)
        assert sent.refused == 0
        assert wait_for(lambda: "SASL" in agent.log or "certificate signed by unknown authority" in agent.log, 30)
        assert sink.arrived(sent.slow)[0] == len(sent.slow)
        assert PASSWORD not in agent.log + gateway.log
        agent.stop()
        agent.give(right)
        agent.start()
        everything = [*sent.slow, *sent.ordinary]
        assert wait_for(lambda: sink.arrived(everything)[0] == 0, 60), sink.arrived(everything)
    finally:
        agent.stop()
        gateway.stop()
        sink.close()
