"""Starts the benchmark's own servers, each in a process of its own, and ends them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.peers.addresses import Addresses
from benchmarks.variants import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Servers:
    """Holds where the work goes and where the spans do."""

    addresses: Addresses
    receiver: str
    # A GitHub whose answers take as long as those of a server far away.
    far_github: str


@contextlib.contextmanager
def _ports_of(module: str) -> Iterator[list[int]]:
    """Starts a program that prints its ports first."""
    with subprocess.Popen([sys.executable, "-m", module], stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - asked for above
            yield [int(port) for port in process.stdout.readline().split()]
        finally:
            process.terminate()


@contextlib.contextmanager
def counting_receiver() -> Iterator[str]:
    """Starts the receiver and yields its address."""
    with _ports_of("benchmarks.sink") as (port,):
        yield f"http://127.0.0.1:{port}"


def delivered(receiver: str) -> int:
    """Returns the spans that arrived since the last question."""
    with urllib.request.urlopen(f"{receiver}/spans", timeout=60) as answer:
        return int(answer.read())


@contextlib.contextmanager
def database() -> Iterator[str]:
    """Starts PostgreSQL with the reference service's rows and yields its address."""
    from demo.parts import postgres, postgres_programs  # noqa: PLC0415 - --help needs no PostgreSQL
    from demo.parts.ports import free_port  # noqa: PLC0415 - as above
    from demo.parts.supervisor import Supervisor  # noqa: PLC0415 - as above

    with tempfile.TemporaryDirectory() as folder:
        supervisor = Supervisor(Path(folder))
        try:
            yield postgres.start(supervisor, postgres_programs.find(ROOT / ".cache"), free_port()).url
        finally:
            supervisor.stop()


@contextlib.contextmanager
def servers() -> Iterator[Servers]:
    """Starts everything that a variant speaks with."""
    with _ports_of("benchmarks.target") as (plain, github, far), counting_receiver() as receiver, database() as url:
        yield Servers(
            Addresses(url, f"http://127.0.0.1:{plain}", f"http://127.0.0.1:{github}"),
            receiver,
            f"http://127.0.0.1:{far}",
        )
