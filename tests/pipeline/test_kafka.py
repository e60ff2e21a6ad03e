"""Agent to Kafka to gateways: real Kafka, real Collectors, each trace whole in one partition."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from benchmarks.pipeline.collectors import Collector
from benchmarks.pipeline.load import Load, Shape
from benchmarks.pipeline.sink import Sink
from demo.parts import kafka as kafka_part
from demo.parts import kafka_programs, programs
from demo.parts.errors import PartError
from demo.parts.places import cache_directory
from demo.parts.ports import Ports
from demo.parts.steps import Steps
from demo.parts.supervisor import Supervisor
from demo.parts.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from demo.parts.kafka import Kafka

pytestmark = pytest.mark.parts
PARTITIONS = 6


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """Yields a running broker with the three topics."""
    supervisor = Supervisor(tmp_path_factory.mktemp("kafka"))
    try:
        broker = kafka_part.start(supervisor, kafka_programs.bring(cache_directory()), Ports())
        for signal in ("traces", "logs", "metrics"):
            broker.create(f"otelmon-{signal}", PARTITIONS)
        yield broker
    finally:
        supervisor.stop()


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Yields a counting back end."""
    back_end = Sink()
    yield back_end
    back_end.close()


def test_a_trace_stays_whole_on_its_way_through_kafka(kafka: Kafka, sink: Sink, tmp_path: Path) -> None:
    """What an agent takes arrives once through two gateways; no trace is in two partitions; both have partitions."""
    program, ports = programs.collector(Steps(Console(stderr=True))), Ports()
    variables = {
        "OTELMON_COLLECTOR_KAFKA_BROKERS": kafka.brokers,
        "OTELMON_COLLECTOR_JAEGER_ENDPOINT": sink.endpoint,
        "OTELMON_COLLECTOR_DECISION_WAIT": "2s",
    }
    agent = Collector(program, "kafka", tmp_path / "agent", ports, variables)
    gateways = [Collector(program, "kafka-gateway", tmp_path / f"gateway{each}", ports, variables) for each in "ab"]
    try:
        for each in (agent, *gateways):
            each.start()
        assert wait_for(lambda: len(kafka.members("otelmon-gateways", "otelmon-traces")) == 2, 60)
        load = Load(agent.http, 100, Shape()).start()
        time.sleep(3)
        sent = load.stop()
        everything = {*sent.ordinary, *sent.slow}
        assert sent.slow
        assert sent.refused == 0
        assert wait_for(lambda: sink.arrived(everything)[0] == 0, 60), sink.arrived(everything)
        assert sink.arrived(everything) == (0, 0)
    finally:
        for each in (agent, *gateways):
            each.stop()
    offsets = kafka.offsets("otelmon-traces")
    records = kafka.records("otelmon-traces", sum(offsets.values()))
    homes: dict[str, set[int]] = {}
    for partition, trace_id in records:
        homes.setdefault(trace_id, set()).add(partition)
    assert {len(trace_id) for trace_id in homes} == {32}
    assert len(homes) == sent.requests * 50
    assert {len(partitions) for partitions in homes.values()} == {1}
    assert len([each for each in offsets.values() if each]) == PARTITIONS


def test_jars_that_differ_from_the_locked_ones_are_refused(tmp_path: Path) -> None:
    """A jar with another content, a missing one and a strange one are named; nothing of them is used."""
    wanted = kafka_programs.checksums()
    first = min(wanted)
    (tmp_path / first).write_bytes(b"changed")
    (tmp_path / "stranger.jar").write_bytes(b"")
    with pytest.raises(PartError, match=rf"Kafka's jars are not those of .*{first}"):
        kafka_programs.check(tmp_path, wanted)
    assert len(wanted) > 40
