"""Starts Kafka: one process that is broker and controller, on loopback, with an empty log."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.parts.environment import inherited
from demo.parts.errors import PartError
from demo.parts.supervisor import Program
from demo.server import LOOPBACK

if TYPE_CHECKING:
    from pathlib import Path

    from demo.parts.kafka_programs import KafkaProgram
    from demo.parts.ports import Ports
    from demo.parts.supervisor import Supervisor

NAME = "kafka"
SECONDS_TO_READY = 120.0
# Any 16 bytes in base64; a log is formatted for one cluster.
CLUSTER = "b3RlbG1vbi1kZW1vLTAwMQ"
PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={controller}
listeners=PLAINTEXT://{broker},CONTROLLER://{controller}
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
"""


@dataclass(frozen=True)
class Kafka:
    """Holds a running broker's address and the program that asks it."""

    brokers: str
    program: KafkaProgram

    def create(self, topic: str, partitions: int) -> None:
        """Makes a topic."""
        self._tool("TopicCommand", "--create", "--topic", topic, "--partitions", str(partitions))

    def offsets(self, topic: str) -> dict[int, int]:
        """Returns how many records each partition of a topic has had."""
        lines = self._tool("GetOffsetShell", "--topic", topic).split()
        return {int(partition): int(offset) for _, partition, offset in (line.split(":") for line in lines)}

    def records(self, topic: str, count: int) -> list[tuple[int, str]]:
        """Returns partition and key of the first records of a topic, as many as were asked for."""
        options = ["--topic", topic, "--from-beginning", "--max-messages", str(count), "--timeout-ms", "30000"]
        for shown in ("print.key=true", "print.partition=true", "print.value=false"):
            options += ["--formatter-property", shown]
        said = self._tool("consumer.ConsoleConsumer", *options)
        lines = [line.split("\t") for line in said.splitlines() if line.startswith("Partition:")]
        return [(int(line[0].removeprefix("Partition:")), line[1]) for line in lines]

    def members(self, group: str, topic: str) -> set[str]:
        """Returns the ids of the consumers of a group that have partitions of a topic."""
        said = self._tool("consumer.group.ConsumerGroupCommand", "--describe", "--group", group)
        rows = [line.split() for line in said.splitlines() if line.startswith(group)]
        return {row[6] for row in rows if row[1] == topic and row[6] != "-"}

    def _tool(self, name: str, *arguments: str) -> str:
        command = self.program.command(f"org.apache.kafka.tools.{name}", "--bootstrap-server", self.brokers, *arguments)
        return run(command, f"Kafka's {name} failed")


def start(supervisor: Supervisor, program: KafkaProgram, ports: Ports) -> Kafka:
    """Starts it and waits until it serves.

    Raises:
        PartError: when it cannot be started.
    """
    broker, controller = (f"{LOOPBACK}:{ports.take(name)}" for name in (NAME, "kafka-controller"))
    data = supervisor.directory / "kafka"
    shutil.rmtree(data, ignore_errors=True)
    supervisor.remove_at_end(data)
    properties = write_properties(supervisor.directory, broker, controller, data)
    format_log = ("format", "--standalone", "-t", CLUSTER, "-c", str(properties))
    run(program.command("kafka.tools.StorageTool", *format_log), "Kafka's log could not be formatted")
    command = program.command("kafka.Kafka", str(properties), memory="512m")
    supervisor.start(
        Program(NAME, command, inherited(), supervisor.directory), lambda: serves(program, broker), SECONDS_TO_READY
    )
    return Kafka(broker, program)


def write_properties(directory: Path, broker: str, controller: str, data: Path) -> Path:
    """Writes the broker's configuration and returns the file."""
    path = directory / "kafka.properties"
    path.write_text(PROPERTIES.format(broker=broker, controller=controller, data=data), encoding="utf-8")
    return path


def serves(program: KafkaProgram, broker: str) -> bool:
    """Tells whether a broker answers questions about its topics."""
    command = program.command("org.apache.kafka.tools.TopicCommand", "--bootstrap-server", broker, "--list")
    try:
        return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def run(command: list[str], failure: str) -> str:
    """Runs a tool of Kafka and returns what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[:200]
        raise PartError(f"{failure}: {said}", "see the log of Kafka")
    return done.stdout
