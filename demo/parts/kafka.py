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


# A second door that demands TLS and a password; the first stays for the tools of Kafka.
SECURED = """listeners=PLAINTEXT://{broker},SASL_SSL://{door},CONTROLLER://{controller}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL
listener.name.sasl_ssl.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location={certificate}
"""


@dataclass(frozen=True)
class Secured:
    """Says what the second door needs: one PEM file of key and certificate, and the user who may come in."""

    certificate: Path
    user: str
    password: str


@dataclass(frozen=True)
class Kafka:
    """Holds a running broker's address and the program that asks it; ``door`` is the one with TLS and password."""

    brokers: str
    program: KafkaProgram
    door: str = ""

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


def start(supervisor: Supervisor, program: KafkaProgram, ports: Ports, secured: Secured | None = None) -> Kafka:
    """Starts it and waits until it serves.

    Raises:
        PartError: when it cannot be started.
    """
    names = (NAME, "kafka-controller", "kafka-door")
    broker, controller, door = (f"{LOOPBACK}:{ports.take(name)}" for name in names)
    data = supervisor.directory / "kafka"
    shutil.rmtree(data, ignore_errors=True)
    supervisor.remove_at_end(data)
    lines = PROPERTIES.format(broker=broker, controller=controller, data=data)
    users: tuple[str, ...] = ()
    if secured:
        # What stands later in the file wins.
        lines += SECURED.format(broker=broker, controller=controller, door=door, certificate=secured.certificate)
        users = ("--add-scram", f"SCRAM-SHA-512=[name={secured.user},password={secured.password}]")
    properties = supervisor.directory / "kafka.properties"
    properties.write_text(lines, encoding="utf-8")
    format_log = ("format", "--standalone", "-t", CLUSTER, "-c", str(properties), *users)
    run(program.command("kafka.tools.StorageTool", *format_log), "Kafka's log could not be formatted")
    command = program.command("kafka.Kafka", str(properties), memory="512m")
    supervisor.start(
        Program(NAME, command, inherited(), supervisor.directory), lambda: serves(program, broker), SECONDS_TO_READY
    )
    return Kafka(broker, program, door if secured else "")


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
