"""The disk of the queues is full, then freed: what was taken is delivered or counted as lost, to the last span."""

from __future__ import annotations

import os
import subprocess
import urllib.error
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.collector.accounts import lost_in_queue, missing, total, waiting
from tests.collector.conftest import Collector
from tests.collector.telemetry import span, traces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from opentelemetry.proto.trace.v1.trace_pb2 import Span

    from tests.otlp_sink import OtlpSink

pytestmark = pytest.mark.parts
MEGABYTE = 1_000_000
DISK, ROOM = "32m", 2 * MEGABYTE
BACK_ENDS = ("jaeger", "sentry")
DB = {"db.system.name": "postgresql", "db.query.text": "SELECT 1"}
NOT_QUEUED = "otelcol_exporter_enqueue_failed_spans"
READER = "{{periodic: {{interval: 500, exporter: {{otlp: {{protocol: http/protobuf, endpoint: {}/v1/metrics}}}}}}}}"


class SmallDisk:
    """A file system of DISK bytes that one program alone sees, in a mount namespace of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def program(self, program: Path) -> Path:
        """Returns what starts a program with the disk in place."""
        starter = self.folder.parent / f"{program.name}-on-a-small-disk"
        alone = "unshare --mount" if os.geteuid() == 0 else "unshare --user --map-root-user --mount"
        inside = f"mount -t tmpfs -o size={DISK} none {self.folder} && exec {program}"
        starter.write_text(f'#!/bin/sh\nexec {alone} sh -c \'{inside} "$@"\' sh "$@"\n', encoding="utf-8")
        starter.chmod(0o700)
        return starter

    def seen_by(self, process: subprocess.Popen[bytes]) -> Path:
        """Returns the way to the disk from outside."""
        return Path(f"/proc/{process.pid}/root{self.folder}")


def fill(disk: Path, room: int) -> Path:
    """Lets a file of somebody else's take all of a disk but ``room`` bytes."""
    now, file = os.statvfs(disk), disk / "somebody-else"
    file.write_bytes(bytes(now.f_bavail * now.f_frsize - room))
    return file


def was_taken(collector: Collector, one: Span) -> bool:
    """Sends one span and returns whether it was answered 200."""
    try:
        return collector.send("/v1/traces", traces([one])) == 200
    except urllib.error.HTTPError as error:
        error.close()
        return False


def slow(count: int, size: int = 0) -> list[Span]:
    """Returns spans that are kept, and that no compression makes smaller than ``size`` bytes."""
    return [span("slow", {**DB, "note": os.urandom(size // 2).hex()}, milliseconds=900) for _ in range(count)]


def account(sinks: dict[str, OtlpSink], sent: Sequence[Span], name: str) -> dict[str, float]:
    """Returns what one back end has not got, and what the Collector says about that in three figures."""
    own = sinks["metrics"]
    return {
        "missing": missing(sinks[name], sent),
        "not queued": total(own, NOT_QUEUED, exporter=f"otlp_http/{name}"),
        "lost in the queue": lost_in_queue(own, name),
        "waiting": waiting(own, name),
    }


def balanced(found: dict[str, float]) -> bool:
    """Tells whether nothing waits any more and every missing span is counted, none twice."""
    return found["waiting"] == 0 and found["missing"] == found["not queued"] + found["lost in the queue"]


@pytest.fixture
def disk(tmp_path: Path) -> SmallDisk:
    """Gives a small disk."""
    return SmallDisk(tmp_path / "queue")


@pytest.fixture
def collector(
    collector_program: Path, sinks: dict[str, OtlpSink], disk: SmallDisk, tmp_path: Path
) -> Iterator[Collector]:
    """Gives a Collector whose queues lie on the small disk, in front of a Jaeger that is away."""
    own = sinks["metrics"].endpoint
    environment = {
        "OTELMON_COLLECTOR_JAEGER_ENDPOINT": sinks["jaeger"].endpoint,
        "OTELMON_COLLECTOR_SENTRY_ENDPOINT": sinks["sentry"].endpoint,
        "OTELMON_COLLECTOR_METRICS_ENDPOINT": f"{own}/v1/metrics",
        "OTELMON_COLLECTOR_QUEUE_DIRECTORY": str(disk.folder),
    }
    readers = f"--config=yaml:service::telemetry::metrics::readers: [{READER.format(own)}]"
    made = Collector(disk.program(collector_program), environment, tmp_path / "log", (readers,))
    sinks["jaeger"].status = 503
    yield made.start()
    sinks["jaeger"].status = 200
    made.stop()


def test_a_full_disk_is_counted_to_the_last_span(
    collector: Collector, disk: SmallDisk, sinks: dict[str, OtlpSink]
) -> None:
    """Taken = delivered + not queued + lost in the queue at each back end; a freed disk takes and delivers again."""
    assert collector.process is not None
    somebody_else = fill(disk.seen_by(collector.process), ROOM)
    sent = [each for each in slow(100, 40_000) if was_taken(collector, each)]
    assert len(sent) == 100
    sinks["metrics"].wait_for(lambda sink: total(sink, NOT_QUEUED, exporter="otlp_http/jaeger") > 0, 20)
    somebody_else.unlink()
    after = [each for each in slow(20, 40_000) if was_taken(collector, each)]
    sinks["jaeger"].status = 200
    for name in BACK_ENDS:
        sinks[name].wait_for(lambda sink: missing(sink, after) == 0, 40)
    assert len(after) == 20
    sent += after
    sinks["metrics"].wait_for(lambda _: all(balanced(account(sinks, sent, name)) for name in BACK_ENDS), 20)
    assert collector.process.poll() is None
    # The last of its own metrics are sent at the end: nothing changes any more.
    collector.stop()
    for found in (account(sinks, sent, name) for name in BACK_ENDS):
        assert balanced(found), found
        assert found["missing"] > 0


def test_the_small_disk_is_one(disk: SmallDisk, tmp_path: Path) -> None:
    """Writing more than DISK into it fails, so the test above tests what it says."""
    writer = tmp_path / "writer"
    writer.write_text(f"#!/bin/sh\nexec head -c 40000000 /dev/zero > {disk.folder}/file\n", encoding="utf-8")
    writer.chmod(0o700)
    done = subprocess.run([str(disk.program(writer))], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "No space left" in done.stderr
